module "key_vault" {
  source = "../../key-vault"

  name           = var.name
  purpose        = "cluster"
  resource_group = { name = azurerm_resource_group.this.name, region = azurerm_resource_group.this.location }
  keys           = ["disks", "etcd"]
  users = {
    disks = { key = "disks", principal_id = azurerm_disk_encryption_set.this.identity[0].principal_id }
    # AKS encrypts what is in etcd; it wraps no key
    etcd = { key = "etcd", principal_id = azurerm_user_assigned_identity.control_plane.principal_id, role = "Key Vault Crypto User" }
  }
  tags = var.tags
}

# disks of nodes and volumes; it takes each new version of the key by itself
resource "azurerm_disk_encryption_set" "this" {
  name                      = var.name
  resource_group_name       = azurerm_resource_group.this.name
  location                  = azurerm_resource_group.this.location
  key_vault_key_id          = module.key_vault.keys["disks"].id
  auto_key_rotation_enabled = true
  tags                      = local.tags

  identity {
    type = "SystemAssigned"
  }
}
