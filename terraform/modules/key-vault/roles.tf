resource "azurerm_role_assignment" "user" {
  for_each = var.users

  scope                = azurerm_key_vault_key.this[each.value.key].resource_versionless_id
  role_definition_name = each.value.role
  principal_id         = each.value.principal_id
  principal_type       = "ServicePrincipal"
}

# The vault knows of a right only some while after it was given, and who asks sooner is refused.
resource "terraform_data" "roles_known" {
  triggers_replace = { for name, user in azurerm_role_assignment.user : name => user.id }

  provisioner "local-exec" {
    command = "sleep ${var.settle_seconds}"
  }
}
