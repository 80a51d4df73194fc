locals {
  # a pool has one size of machine, so each size is a pool, and the nodes are shared out
  spot_types = sort(coalesce(var.spot.machine_types, ["Standard_D4s_v5", "Standard_D4as_v5"]))
  spot_nodes_max = {
    for index, type in local.spot_types : type => floor(var.spot.nodes_max / length(local.spot_types)) + (index < var.spot.nodes_max % length(local.spot_types) ? 1 : 0)
  }
  # AKS gives its spot nodes both, asked or not; unwritten here, each plan would take them away
  spot_mark = { key = "kubernetes.azure.com/scalesetpriority", value = "spot" }
}

# AKS's own autoscaler scales these, from none and back. Predictors tolerate the taint by their namespace's annotation
# (knative/overlays/azure/namespace.yaml).
resource "azurerm_kubernetes_cluster_node_pool" "spot" {
  for_each = local.spot_nodes_max

  name                  = "spot${substr(sha256(each.key), 0, 6)}" # at most 12 of a-z and 0-9
  kubernetes_cluster_id = azurerm_kubernetes_cluster.this.id
  mode                  = "User"
  priority              = "Spot"
  eviction_policy       = "Delete"
  spot_max_price        = -1 # what it costs, at most what a machine that stays does
  vm_size               = each.key
  auto_scaling_enabled  = true
  min_count             = 0
  max_count             = each.value

  zones                   = local.zones
  vnet_subnet_id          = azurerm_subnet.nodes.id
  orchestrator_version    = var.kubernetes_version
  max_pods                = 110
  os_disk_type            = "Managed"
  host_encryption_enabled = true
  node_public_ip_enabled  = false
  node_labels             = { "poorwill.dev/pool" = "spot", (local.spot_mark.key) = local.spot_mark.value }
  node_taints             = ["${local.spot_mark.key}=${local.spot_mark.value}:NoSchedule"]
  tags                    = local.tags
}
