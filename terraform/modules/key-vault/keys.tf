resource "azurerm_key_vault_key" "this" {
  #checkov:skip=CKV_AZURE_40:A key that ends takes what it encrypts along; versions are made anew each year, and old ones go on opening what they closed
  for_each = var.keys

  name         = each.value
  key_vault_id = azurerm_key_vault.this.id
  key_type     = "RSA-HSM"
  key_size     = 2048 # all that use it take it, and 3072 costs five times as much
  key_opts     = ["decrypt", "encrypt", "unwrapKey", "wrapKey"]

  rotation_policy {
    automatic {
      time_after_creation = "P365D"
    }
  }

  tags = local.tags
}

# The resource goes on knowing the version that it made; this one knows the newest.
data "azurerm_key_vault_key" "newest" {
  for_each = azurerm_key_vault_key.this

  name         = each.value.name
  key_vault_id = each.value.key_vault_id
}
