# who the registry is to the vault, known before the registry is made
resource "azurerm_user_assigned_identity" "encryption" {
  name                = "${var.name}-images-encryption"
  resource_group_name = azurerm_resource_group.this.name
  location            = azurerm_resource_group.this.location
  tags                = local.tags
}

module "key_vault" {
  source = "../../key-vault"

  name           = var.name
  purpose        = "images"
  resource_group = { name = azurerm_resource_group.this.name, region = azurerm_resource_group.this.location }
  keys           = ["images"]
  users          = { registry = { key = "images", principal_id = azurerm_user_assigned_identity.encryption.principal_id } }
  tags           = var.tags
}
