# Not Compute Engine's default account, which may change all of the project.
resource "google_service_account" "node" {
  account_id   = "${var.name}-node"
  display_name = "Poorwill's cluster ${var.name}: its nodes"
}

# Writes logs and metrics, and that is all; images are pulled by leave of modules/image-registry.
resource "google_project_iam_member" "node" {
  project = local.project
  role    = "roles/container.defaultNodeServiceAccount"
  member  = "serviceAccount:${google_service_account.node.email}"
}
