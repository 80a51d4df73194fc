# Both identities are known before the cluster is made, so that each has its rights from the start.
resource "azurerm_user_assigned_identity" "control_plane" {
  name                = "${var.name}-control-plane"
  resource_group_name = azurerm_resource_group.this.name
  location            = azurerm_resource_group.this.location
  tags                = local.tags
}

# pulls images, and has no right but those that module image-registry gives
resource "azurerm_user_assigned_identity" "nodes" {
  name                = "${var.name}-nodes"
  resource_group_name = azurerm_resource_group.this.name
  location            = azurerm_resource_group.this.location
  tags                = local.tags
}

locals {
  # by what it is for: what the control plane may do, where. The network is the cluster's own.
  control_plane_rights = {
    network = { role = "Network Contributor", scope = azurerm_virtual_network.this.id }               # nodes, the private endpoint, load balancers
    disks   = { role = "Reader", scope = azurerm_disk_encryption_set.this.id }                        # how disks are encrypted
    nodes   = { role = "Managed Identity Operator", scope = azurerm_user_assigned_identity.nodes.id } # nodes get their identity
  }
}

resource "azurerm_role_assignment" "control_plane" {
  for_each = local.control_plane_rights

  scope                = each.value.scope
  role_definition_name = each.value.role
  principal_id         = azurerm_user_assigned_identity.control_plane.principal_id
  principal_type       = "ServicePrincipal"
}
