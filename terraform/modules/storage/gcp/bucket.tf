# the provider's project
data "google_project" "this" {}

locals {
  # buckets are named once in the world
  bucket = "${var.name}-${data.google_project.this.number}-${var.region}"
  tags   = merge(var.tags, { poorwill = var.name })
}

resource "google_storage_bucket" "this" {
  #checkov:skip=CKV_GCP_62:Whoever wants to know who read what turns on Data Access audit logs of storage.googleapis.com; a bucket of logs would need all this once more
  name                        = local.bucket
  location                    = upper(var.region)
  storage_class               = "STANDARD"
  force_destroy               = var.delete_with_content
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  labels                      = local.tags

  versioning {
    enabled = true
  }

  encryption {
    default_kms_key_name = module.key_ring.keys["store"]
  }

  # A writer may delete old versions, too, since Google has no smaller right: what was deleted for good can be had back
  # for a week. A bucket that goes with its content leaves nothing.
  soft_delete_policy {
    retention_duration_seconds = var.delete_with_content ? 0 : 7 * 24 * 3600
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }

    condition {
      age            = var.keep_runs_days
      matches_prefix = ["runs/"]
      with_state     = "LIVE"
    }
  }

  # what was overwritten or deleted
  lifecycle_rule {
    action {
      type = "Delete"
    }

    condition {
      days_since_noncurrent_time = var.keep_overwritten_days
      with_state                 = "ARCHIVED"
    }
  }

  # Parts of uploads that nobody ended. A push of the biggest model takes hours.
  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }

    condition {
      age = 3
    }
  }
}
