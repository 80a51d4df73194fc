# Cloud Storage's own account in the project, which is made when it is asked for
data "google_storage_project_service_account" "this" {}

locals {
  agents = { store = data.google_storage_project_service_account.this.email_address }
}

module "key_ring" {
  source = "../../key-ring"

  name    = var.name
  purpose = "store"
  region  = var.region
  keys    = local.agents
  tags    = var.tags
}
