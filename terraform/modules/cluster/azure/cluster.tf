locals {
  is_private = length(var.api_access_cidrs) == 0
}

resource "azurerm_kubernetes_cluster" "this" {
  #checkov:skip=CKV_AZURE_4:Audit logs reach Log Analytics by a diagnostic setting (audit.tf), without an agent on the nodes
  #checkov:skip=CKV_AZURE_6:Without api_access_cidrs there is no public endpoint that could have ranges; with them it has these
  #checkov:skip=CKV_AZURE_115:Private unless api_access_cidrs asks for a public endpoint; a test asserts it
  #checkov:skip=CKV_AZURE_116:No policy of Azure's is assigned here; namespaces and Poorwill's network policies say what pods may do
  #checkov:skip=CKV_AZURE_172:No secret comes from a vault by the CSI driver, which is not installed
  #checkov:skip=CKV_AZURE_226:Disks of nodes are managed, since only there a new version of the customer's key is taken without emptying the pool
  #checkov:skip=CKV_AZURE_232:The always-on pool carries Knative too; there is no other one that stays
  #checkov:skip=CKV2_AZURE_29:Azure CNI by overlay, with Cilium
  name                = var.name
  resource_group_name = azurerm_resource_group.this.name
  location            = azurerm_resource_group.this.location
  dns_prefix          = var.name
  tags                = local.tags

  kubernetes_version        = var.kubernetes_version
  automatic_upgrade_channel = "patch"
  node_os_upgrade_channel   = "NodeImage"
  sku_tier                  = "Standard" # the API's uptime is promised

  private_cluster_enabled = local.is_private
  private_dns_zone_id     = local.is_private ? "System" : null

  # Entra ID says who asks, roles of Azure say what they may; there is no other way in, and none around the network.
  local_account_disabled            = true
  role_based_access_control_enabled = true
  run_command_enabled               = false

  # pods are known to Azure by their service account's token
  oidc_issuer_enabled       = true
  workload_identity_enabled = true

  disk_encryption_set_id = azurerm_disk_encryption_set.this.id

  azure_active_directory_role_based_access_control {
    azure_rbac_enabled = true
    tenant_id          = azurerm_user_assigned_identity.control_plane.tenant_id
  }

  dynamic "api_server_access_profile" {
    for_each = local.is_private ? [] : [var.api_access_cidrs]

    content {
      # nodes, too, reach a public endpoint from outside: by the way out
      authorized_ip_ranges = concat(api_server_access_profile.value, ["${azurerm_public_ip.way_out.ip_address}/32"])
    }
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.control_plane.id]
  }

  kubelet_identity {
    client_id                 = azurerm_user_assigned_identity.nodes.client_id
    object_id                 = azurerm_user_assigned_identity.nodes.principal_id
    user_assigned_identity_id = azurerm_user_assigned_identity.nodes.id
  }

  key_management_service {
    key_vault_key_id         = module.key_vault.keys["etcd"].version_id
    key_vault_network_access = "Public"
  }

  network_profile {
    network_plugin      = "azure"
    network_plugin_mode = "overlay"
    network_data_plane  = "cilium"
    network_policy      = "cilium"
    load_balancer_sku   = "standard"
    outbound_type       = "userAssignedNATGateway"
    pod_cidr            = local.pod_cidr
    service_cidr        = local.service_cidr
    dns_service_ip      = cidrhost(local.service_cidr, 10)
  }

  default_node_pool {
    name                        = "alwayson"
    temporary_name_for_rotation = "alwaysonnext" # while machine_type changes
    vm_size                     = coalesce(var.always_on.machine_type, "Standard_D4s_v5")
    node_count                  = var.always_on.nodes
    zones                       = local.zones
    vnet_subnet_id              = azurerm_subnet.nodes.id
    orchestrator_version        = var.kubernetes_version
    max_pods                    = 110
    os_disk_type                = "Managed"
    host_encryption_enabled     = true
    node_public_ip_enabled      = false
    node_labels                 = { "poorwill.dev/pool" = "always-on" }
    tags                        = local.tags

    upgrade_settings {
      max_surge = "10%" # one node more while one is made anew
    }
  }

  # rights and the way out are there before the first node, and go after the last
  depends_on = [
    module.key_vault,
    azurerm_role_assignment.control_plane,
    azurerm_nat_gateway_public_ip_association.this,
    azurerm_subnet_nat_gateway_association.nodes,
  ]
}
