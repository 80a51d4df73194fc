# The service that encrypts, and nobody else: who reads through it needs no right to the key.
resource "google_kms_crypto_key_iam_member" "user" {
  for_each = var.keys

  crypto_key_id = google_kms_crypto_key.this[each.key].id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:${each.value}"
}
