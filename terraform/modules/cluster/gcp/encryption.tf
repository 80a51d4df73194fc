data "google_logging_project_cmek_settings" "this" {
  project = local.project
}

locals {
  # By key: the account of Google's in the project that encrypts with it, and nothing else does.
  agents = {
    secrets = "service-${data.google_project.this.number}@container-engine-robot.iam.gserviceaccount.com"
    disks   = "service-${data.google_project.this.number}@compute-system.iam.gserviceaccount.com"
    logs    = data.google_logging_project_cmek_settings.this.service_account_id
  }
}

module "key_ring" {
  source = "../../key-ring"

  name    = var.name
  purpose = "cluster"
  region  = var.region
  keys    = local.agents
  tags    = var.tags
}
