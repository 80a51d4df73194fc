mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

override_module {
  target = module.key_ring
  outputs = {
    keys = { secrets = "key-of-secrets", disks = "key-of-disks", logs = "key-of-logs" }
    made = "20261128120000"
  }
}

variables {
  name    = "shop"
  region  = "europe-west3"
  network = { cidr = "10.20.0.0/16" }
  tags    = { team = "ml" }
}

run "who_read_and_changed_what_is_logged" {
  command = plan

  assert {
    condition     = google_project_iam_audit_config.this.service == "container.googleapis.com" && google_project_iam_audit_config.this.project == "shop-1234"
    error_message = "GKE's and Kubernetes' APIs were to be logged."
  }

  assert {
    condition     = toset([for config in google_project_iam_audit_config.this.audit_log_config : config.log_type]) == toset(["ADMIN_READ", "DATA_READ", "DATA_WRITE"])
    error_message = "Reads were to be logged, too."
  }

  assert {
    condition     = alltrue([for config in google_project_iam_audit_config.this.audit_log_config : length(coalesce(config.exempted_members, [])) == 0])
    error_message = "Nobody was to be left out."
  }

  assert {
    condition     = google_container_cluster.this.logging_config[0].enable_components == tolist(["SYSTEM_COMPONENTS", "WORKLOADS", "APISERVER", "CONTROLLER_MANAGER", "SCHEDULER"])
    error_message = "The control plane and pods were to be logged."
  }
}

run "it_is_kept_for_the_days_under_the_customers_key" {
  command = plan

  variables {
    log_retention_days = 400
  }

  assert {
    condition     = google_logging_project_bucket_config.audit.retention_days == 400 && google_logging_project_bucket_config.audit.location == "europe-west3"
    error_message = "Logs were to be kept for the days, in the region."
  }

  assert {
    condition     = google_logging_project_bucket_config.audit.cmek_settings[0].kms_key_name == "key-of-logs"
    error_message = "Logs were to be encrypted with the key."
  }

  assert {
    condition     = google_logging_project_bucket_config.audit.bucket_id == "shop-audit-20261128120000"
    error_message = "The bucket of logs was to have a name that no deleted one has."
  }
}

run "only_this_clusters_log_is_kept_there" {
  command = plan

  assert {
    condition     = google_logging_project_sink.audit.destination == "logging.googleapis.com/projects/shop-1234/locations/europe-west3/buckets/b"
    error_message = "Logs were to go to the bucket."
  }

  assert {
    condition     = google_logging_project_sink.audit.filter == "(log_id(\"cloudaudit.googleapis.com/activity\") OR log_id(\"cloudaudit.googleapis.com/data_access\")) AND protoPayload.serviceName=(\"container.googleapis.com\" OR \"k8s.io\") AND resource.labels.cluster_name=\"shop\" AND resource.labels.location=\"europe-west3\""
    error_message = "It was to be this cluster's log of who did what."
  }
}
