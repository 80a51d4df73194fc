# the provider's project
data "google_project" "this" {}

locals {
  project = trimprefix(data.google_project.this.id, "projects/")
}
