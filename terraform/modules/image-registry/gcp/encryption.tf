# the provider's project
data "google_project" "this" {}

locals {
  # Artifact Registry's own account in the project; who pulls needs no right to the key
  agents = { images = "service-${data.google_project.this.number}@gcp-sa-artifactregistry.iam.gserviceaccount.com" }
}

module "key_ring" {
  source = "../../key-ring"

  name    = var.name
  purpose = "images"
  region  = var.region
  keys    = local.agents
  tags    = var.tags
}
