locals {
  tags = merge(var.tags, { poorwill = var.name })
}

resource "google_container_cluster" "this" {
  #checkov:skip=CKV_GCP_12:Dataplane V2 holds network policies by itself; the add-on that this asks for can't be beside it
  #checkov:skip=CKV_GCP_21:The labels are in resource_labels; checkov loses what merge() makes where a root calls this module
  #checkov:skip=CKV_GCP_65:Groups of people are an organisation's; who has no organisation has none
  #checkov:skip=CKV_GCP_66:Images are pinned by digest and come from a registry that only this project writes to; who signs images turns it on in the project
  name           = var.name
  description    = "Poorwill's cluster ${var.name}"
  location       = var.region
  node_locations = local.zones

  # Google brings patches by itself, and another minor version late, when its support of this one ends.
  min_master_version = var.kubernetes_version

  release_channel {
    channel = "STABLE"
  }

  deletion_protection = var.deletion_protection
  resource_labels     = local.tags

  network    = google_compute_network.this.id
  subnetwork = google_compute_subnetwork.this.id
  # Dataplane V2, by which network policies hold
  datapath_provider           = "ADVANCED_DATAPATH"
  networking_mode             = "VPC_NATIVE"
  enable_intranode_visibility = true
  default_max_pods_per_node   = local.pods_per_node

  ip_allocation_policy {
    cluster_secondary_range_name  = "pods"
    services_secondary_range_name = "services"
  }

  private_cluster_config {
    enable_private_nodes    = true
    enable_private_endpoint = length(var.api_access_cidrs) == 0
  }

  # without ranges: only from inside the network
  master_authorized_networks_config {
    gcp_public_cidrs_access_enabled = false

    dynamic "cidr_blocks" {
      for_each = toset(var.api_access_cidrs)

      content {
        cidr_block = cidr_blocks.value
      }
    }
  }

  # tokens alone, no certificates that stay good until they end
  master_auth {
    client_certificate_config {
      issue_client_certificate = false
    }
  }

  database_encryption {
    state    = "ENCRYPTED"
    key_name = module.key_ring.keys["secrets"]
  }

  workload_identity_config {
    workload_pool = "${local.project}.svc.id.goog"
  }

  enable_shielded_nodes = true

  logging_config {
    enable_components = ["SYSTEM_COMPONENTS", "WORKLOADS", "APISERVER", "CONTROLLER_MANAGER", "SCHEDULER"]
  }

  # GKE wants a first pool of its own and loses it at once; pools are in nodes.tf.
  remove_default_node_pool = true
  initial_node_count       = 1

  node_config {
    service_account   = google_service_account.node.email
    oauth_scopes      = ["https://www.googleapis.com/auth/cloud-platform"]
    boot_disk_kms_key = module.key_ring.keys["disks"]

    shielded_instance_config {
      enable_secure_boot          = true
      enable_integrity_monitoring = true
    }

    workload_metadata_config {
      mode = "GKE_METADATA"
    }
  }

  lifecycle {
    ignore_changes = [node_config, initial_node_count]
  }

  # logs of what is done from the first day on
  depends_on = [google_logging_project_sink.audit, google_project_iam_audit_config.this, google_project_iam_member.node]
}
