locals {
  tags = merge(var.tags, { poorwill = var.name })
}

resource "azurerm_resource_group" "this" {
  name     = "${var.name}-images"
  location = var.region
  tags     = local.tags
}
