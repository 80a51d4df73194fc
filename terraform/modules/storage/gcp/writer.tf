resource "google_storage_bucket_iam_member" "writer" {
  for_each = var.writers

  bucket = google_storage_bucket.this.name
  # gets, lists, puts and deletes objects, in parts, too; changes neither the bucket nor who may do what in it
  role   = "roles/storage.objectUser"
  member = "principal://iam.googleapis.com/${local.pool}/subject/ns/${var.namespace}/sa/${each.value}"
}
