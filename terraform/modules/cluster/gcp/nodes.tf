locals {
  # each node takes twice as many addresses
  pods_per_node = 64

  # As many nodes as asked for, shared out over the zones: GKE counts a pool's nodes by zone, so each zone has its own.
  always_on = {
    for index, zone in local.zones : "always-on-${substr(zone, -1, 1)}" => {
      pool         = "always-on"
      machine_type = coalesce(var.always_on.machine_type, "e2-standard-4")
      zones        = [zone]
      nodes        = floor(var.always_on.nodes / length(local.zones)) + (index < var.always_on.nodes % length(local.zones) ? 1 : 0)
      nodes_max    = null
    }
  }

  # No taint: a pod that fits on the always-on nodes runs there, and one that does not makes these pools grow, by GKE's
  # own autoscaler and wherever there is room. A pool has one machine type; they share in nodes_max.
  spot_types = coalesce(var.spot.machine_types, ["e2-standard-4"])
  spot = {
    for index, type in local.spot_types : "spot-${type}" => {
      pool         = "spot"
      machine_type = type
      zones        = local.zones
      nodes        = null
      nodes_max    = floor(var.spot.nodes_max / length(local.spot_types)) + (index < var.spot.nodes_max % length(local.spot_types) ? 1 : 0)
    }
  }

  pools = merge({ for name, pool in local.always_on : name => pool if pool.nodes > 0 }, local.spot)
}

resource "google_container_node_pool" "this" {
  for_each = local.pools

  name              = each.key
  cluster           = google_container_cluster.this.id
  node_locations    = each.value.zones
  node_count        = each.value.nodes
  max_pods_per_node = local.pods_per_node
  # the scaler's from the first pod on
  initial_node_count = each.value.nodes_max == null ? null : 0

  dynamic "autoscaling" {
    for_each = each.value.nodes_max == null ? [] : [each.value.nodes_max]

    content {
      total_min_node_count = 0
      total_max_node_count = autoscaling.value
      location_policy      = "ANY"
    }
  }

  node_config {
    machine_type      = each.value.machine_type
    spot              = each.value.pool == "spot"
    image_type        = "COS_CONTAINERD"
    disk_size_gb      = 60
    disk_type         = can(regex("^[cn]4d?-", each.value.machine_type)) ? "hyperdisk-balanced" : "pd-balanced" # newer types have no other
    boot_disk_kms_key = module.key_ring.keys["disks"]
    labels            = { "poorwill.dev/pool" = each.value.pool }
    resource_labels   = local.tags
    service_account   = google_service_account.node.email
    # the account's roles say what nodes may do
    oauth_scopes = ["https://www.googleapis.com/auth/cloud-platform"]
    metadata     = { disable-legacy-endpoints = "true" }

    shielded_instance_config {
      enable_secure_boot          = true
      enable_integrity_monitoring = true
    }

    # a pod that asks for a token gets its own account's, not the node's
    workload_metadata_config {
      mode = "GKE_METADATA"
    }
  }

  management {
    auto_repair  = true
    auto_upgrade = true
  }

  # the new node is there before the old one goes
  upgrade_settings {
    max_surge       = 1
    max_unavailable = 0
  }

  lifecycle {
    ignore_changes = [initial_node_count]
  }

  depends_on = [google_compute_router_nat.this]
}
