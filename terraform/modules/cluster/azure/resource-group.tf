locals {
  tags = merge(var.tags, { poorwill = var.name })
}

# called as the cluster is: `az aks get-credentials --resource-group NAME --name NAME`
resource "azurerm_resource_group" "this" {
  name     = var.name
  location = var.region
  tags     = local.tags
}
