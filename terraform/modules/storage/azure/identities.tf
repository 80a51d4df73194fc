locals {
  # by what the pods may do: which service accounts are it, and the role on the container
  identities = {
    reader = { accounts = var.readers, role = "Storage Blob Data Reader" }
    writer = { accounts = var.writers, role = "Storage Blob Data Contributor" }
  }
  identity_of = merge([for name, identity in local.identities : { for account in identity.accounts : account => name }]...)
}

resource "azurerm_user_assigned_identity" "pods" {
  for_each = local.identities

  name                = "${var.name}-${each.key}"
  resource_group_name = azurerm_resource_group.this.name
  location            = azurerm_resource_group.this.location
  tags                = local.tags
}

resource "azurerm_role_assignment" "pods" {
  for_each = local.identities

  scope                = azurerm_storage_container.models.id
  role_definition_name = each.value.role
  principal_id         = azurerm_user_assigned_identity.pods[each.key].principal_id
  principal_type       = "ServicePrincipal"
}

# A token of the service account, which the cluster signs, is enough: there is no secret that could be lost.
resource "azurerm_federated_identity_credential" "service_account" {
  for_each = local.identity_of

  name                = "sa-${each.key}" # 3 characters at least
  resource_group_name = azurerm_resource_group.this.name
  parent_id           = azurerm_user_assigned_identity.pods[each.value].id
  issuer              = var.cluster.issuer
  subject             = "system:serviceaccount:${var.namespace}:${each.key}"
  audience            = ["api://AzureADTokenExchange"]
}
