output "id" {
  description = "Id of the vault."
  value       = azurerm_key_vault.this.id
}

output "keys" {
  description = "By name: id of the key, for what takes each new version by itself, and version_id of its newest version, for what does not."
  value = {
    for name, key in azurerm_key_vault_key.this : name => {
      id         = key.versionless_id
      version_id = data.azurerm_key_vault_key.newest[name].id
    }
  }
}
