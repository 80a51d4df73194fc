# who the account is to the vault, known before the account is made
resource "azurerm_user_assigned_identity" "encryption" {
  name                = "${var.name}-storage-encryption"
  resource_group_name = azurerm_resource_group.this.name
  location            = azurerm_resource_group.this.location
  tags                = local.tags
}

module "key_vault" {
  source = "../../key-vault"

  name           = var.name
  purpose        = "storage"
  resource_group = { name = azurerm_resource_group.this.name, region = azurerm_resource_group.this.location }
  keys           = ["models"]
  users          = { account = { key = "models", principal_id = azurerm_user_assigned_identity.encryption.principal_id } }
  tags           = var.tags
}
