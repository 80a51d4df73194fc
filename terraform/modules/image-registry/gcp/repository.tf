locals {
  tags = merge(var.tags, { poorwill = var.name })
}

# Destroy takes the images along: predictors that run may have to pull theirs again.
resource "google_artifact_registry_repository" "this" {
  repository_id          = var.name
  description            = "Poorwill's images ${var.name}"
  location               = var.region
  format                 = "DOCKER"
  mode                   = "STANDARD_REPOSITORY"
  kms_key_name           = module.key_ring.keys["images"]
  cleanup_policy_dry_run = false
  labels                 = local.tags

  docker_config {
    immutable_tags = true
  }

  # on push, where Container Scanning is turned on in the project
  vulnerability_scanning_config {
    enablement_config = "INHERITED"
  }

  # A tagged image stays: where tags are immutable, Artifact Registry lets nobody delete one.
  cleanup_policies {
    id     = "untagged"
    action = "DELETE"

    condition {
      tag_state  = "UNTAGGED"
      older_than = "86400s"
    }
  }

  # wins over the one above
  cleanup_policies {
    id     = "newest"
    action = "KEEP"

    most_recent_versions {
      keep_count = var.keep_images
    }
  }
}
