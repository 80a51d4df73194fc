output "store" {
  description = "The store's URL, as POORWILL_STORE takes it."
  value       = "gs://${google_storage_bucket.this.name}"
}

output "environment" {
  description = "Data of the ConfigMap poorwill-store: variable environment of modules/platform."
  value       = { POORWILL_STORE = "gs://${google_storage_bucket.this.name}" }
}

output "service_accounts" {
  description = "By service account: its annotations, none on Google Cloud; variable service_accounts of modules/platform."
  value       = { for account in setunion(var.readers, var.writers) : account => { annotations = tomap({}) } }

  # a pod that starts before its right is refused
  depends_on = [google_storage_bucket_iam_member.reader, google_storage_bucket_iam_member.writer]
}

output "pod_labels" {
  description = "Labels of pods that reach the store, none on Google Cloud; variable pod_labels of modules/platform and modules/model."
  value       = tomap({})
}

output "bucket" {
  description = "The bucket's name."
  value       = google_storage_bucket.this.name
}
