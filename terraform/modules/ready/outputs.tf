output "ready" {
  description = "Known once all objects are Ready; another each time that they were waited for."
  value       = terraform_data.ready.id
}
