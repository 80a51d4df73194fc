resource "azurerm_log_analytics_workspace" "audit" {
  name                         = "${var.name}-audit"
  resource_group_name          = azurerm_resource_group.this.name
  location                     = azurerm_resource_group.this.location
  sku                          = "PerGB2018"
  retention_in_days            = var.log_retention_days
  local_authentication_enabled = false # no shared keys: only who shows a token writes or reads
  tags                         = local.tags
}

# Who changed what (admin: without reads, which are most of it), what Entra ID and roles said, and why nodes came or not.
resource "azurerm_monitor_diagnostic_setting" "cluster" {
  name                           = "audit"
  target_resource_id             = azurerm_kubernetes_cluster.this.id
  log_analytics_workspace_id     = azurerm_log_analytics_workspace.audit.id
  log_analytics_destination_type = "Dedicated" # a table of each kind of log

  dynamic "enabled_log" {
    for_each = ["cluster-autoscaler", "guard", "kube-audit-admin"]

    content {
      category = enabled_log.value
    }
  }
}

# who used or changed the keys
resource "azurerm_monitor_diagnostic_setting" "key_vault" {
  name                       = "audit"
  target_resource_id         = module.key_vault.id
  log_analytics_workspace_id = azurerm_log_analytics_workspace.audit.id

  enabled_log {
    category = "AuditEvent"
  }
}
