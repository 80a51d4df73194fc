resource "google_storage_bucket_iam_member" "reader" {
  for_each = var.readers

  bucket = google_storage_bucket.this.name
  # gets and lists objects
  role   = "roles/storage.objectViewer"
  member = "principal://iam.googleapis.com/${local.pool}/subject/ns/${var.namespace}/sa/${each.value}"
}
