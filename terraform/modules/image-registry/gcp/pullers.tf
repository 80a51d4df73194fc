# These and nobody else by this role: a puller that was added by hand is taken away again.
resource "google_artifact_registry_repository_iam_binding" "puller" {
  count = length(var.pullers) > 0 ? 1 : 0

  location   = google_artifact_registry_repository.this.location
  repository = google_artifact_registry_repository.this.name
  role       = "roles/artifactregistry.reader"
  members    = [for puller in var.pullers : "serviceAccount:${puller}"]
}
