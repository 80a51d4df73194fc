locals {
  store = "az://${azurerm_storage_account.this.name}/${azurerm_storage_container.models.name}"
}

output "store" {
  description = "The store's URL, as POORWILL_STORE takes it."
  value       = local.store
}

output "environment" {
  description = "Data of the ConfigMap poorwill-store: variable environment of modules/platform."
  value       = { POORWILL_STORE = local.store }
}

output "service_accounts" {
  description = "By service account: its annotations, which say what identity it is; variable service_accounts of modules/platform."
  value = {
    for account, name in local.identity_of : account => {
      annotations = tomap({ "azure.workload.identity/client-id" = azurerm_user_assigned_identity.pods[name].client_id })
    }
  }

  # a pod that starts before its right is refused
  depends_on = [azurerm_role_assignment.pods, azurerm_federated_identity_credential.service_account]
}

output "pod_labels" {
  description = "Labels of pods that reach the store: AKS hands those a token; variable pod_labels of modules/platform and modules/model."
  value       = tomap({ "azure.workload.identity/use" = "true" })
}

output "bucket" {
  description = "The container's name behind its account's."
  value       = "${azurerm_storage_account.this.name}/${azurerm_storage_container.models.name}"
}
