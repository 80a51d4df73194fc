# The network's range, in parts: pods have the upper half, nodes a quarter, services an eighth; the last eighth is spare.
locals {
  ranges = {
    pods     = cidrsubnet(var.network.cidr, 1, 1)
    nodes    = cidrsubnet(var.network.cidr, 2, 0)
    services = cidrsubnet(var.network.cidr, 3, 2)
  }
}

resource "google_compute_network" "this" {
  #checkov:skip=CKV2_GCP_18:GKE makes the rules that its nodes and load balancers want; a VPC of one's own lets nothing else in
  name                    = var.name
  description             = "Poorwill's cluster ${var.name}"
  auto_create_subnetworks = false
  routing_mode            = "REGIONAL"
}

resource "google_compute_subnetwork" "this" {
  name          = var.name
  region        = var.region
  network       = google_compute_network.this.id
  ip_cidr_range = local.ranges.nodes
  # Google's APIs, Cloud Storage's first, without a way over NAT
  private_ip_google_access = true

  secondary_ip_range {
    range_name    = "pods"
    ip_cidr_range = local.ranges.pods
  }

  secondary_ip_range {
    range_name    = "services"
    ip_cidr_range = local.ranges.services
  }

  # one of ten, since Cloud Logging takes its price by size
  log_config {
    aggregation_interval = "INTERVAL_10_MIN"
    flow_sampling        = 0.1
    metadata             = "INCLUDE_ALL_METADATA"
  }
}
