# By place, not by id: ids of identities are known only once these are made.
resource "azurerm_role_assignment" "puller" {
  count = length(var.pullers)

  scope                = azurerm_container_registry.this.id
  role_definition_name = "AcrPull"
  principal_id         = var.pullers[count.index]
  principal_type       = "ServicePrincipal"
}
