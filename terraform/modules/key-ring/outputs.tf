output "keys" {
  description = "By name: id of the key, as all that encrypts with it takes it."
  value       = { for name, key in google_kms_crypto_key.this : name => key.id }

  # who uses a key before its right to it is refused
  depends_on = [google_kms_crypto_key_iam_member.user]
}

output "made" {
  description = "When the ring was made, as YYYYMMDDhhmmss: for other names that Google keeps after a destroy."
  value       = formatdate("YYYYMMDDhhmmss", terraform_data.made.output)
}
