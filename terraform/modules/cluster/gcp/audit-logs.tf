# Who read and changed what by Kubernetes' API and GKE's. Google always logs changes; this adds reads. It holds for the
# whole project: two clusters in one project say the same.
resource "google_project_iam_audit_config" "this" {
  project = local.project
  service = "container.googleapis.com"

  dynamic "audit_log_config" {
    for_each = toset(["ADMIN_READ", "DATA_READ", "DATA_WRITE"])

    content {
      log_type = audit_log_config.value
    }
  }
}

resource "google_logging_project_bucket_config" "audit" {
  project  = local.project
  location = var.region
  # a deleted one keeps its name for a week
  bucket_id      = "${var.name}-audit-${module.key_ring.made}"
  description    = "Poorwill's cluster ${var.name}: who did what"
  retention_days = var.log_retention_days

  cmek_settings {
    kms_key_name = module.key_ring.keys["logs"]
  }
}

resource "google_logging_project_sink" "audit" {
  name                   = "${var.name}-audit"
  description            = "Poorwill's cluster ${var.name}: who did what"
  project                = local.project
  destination            = "logging.googleapis.com/${google_logging_project_bucket_config.audit.id}"
  unique_writer_identity = true

  filter = join(" AND ", [
    "(log_id(\"cloudaudit.googleapis.com/activity\") OR log_id(\"cloudaudit.googleapis.com/data_access\"))",
    "protoPayload.serviceName=(\"container.googleapis.com\" OR \"k8s.io\")",
    "resource.labels.cluster_name=\"${var.name}\"",
    "resource.labels.location=\"${var.region}\"",
  ])
}
