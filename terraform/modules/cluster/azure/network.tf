locals {
  zones = slice(["1", "2", "3"], 0, var.network.zones)
  # Pods and Services have addresses of RFC 6598, which no network of RFC 1918 overlaps: pods 256 nodes of 254 each.
  pod_cidr     = "100.64.0.0/16"
  service_cidr = "100.65.0.0/16"
}

resource "azurerm_virtual_network" "this" {
  name                = var.name
  resource_group_name = azurerm_resource_group.this.name
  location            = azurerm_resource_group.this.location
  address_space       = [var.network.cidr]
  tags                = local.tags
}

# Nodes, the API's private endpoint and internal load balancers: the first half; the second is left for what is yours.
resource "azurerm_subnet" "nodes" {
  #checkov:skip=CKV2_AZURE_31:AKS keeps a security group on its nodes and opens in it what Services ask for; one more on the subnet would close the gateway's ports again
  name                 = "nodes"
  resource_group_name  = azurerm_resource_group.this.name
  virtual_network_name = azurerm_virtual_network.this.name
  address_prefixes     = [cidrsubnet(var.network.cidr, 1, 0)]

  # nobody gets a way out by being there: the one is below
  default_outbound_access_enabled = false
}
