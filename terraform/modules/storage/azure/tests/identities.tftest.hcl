mock_provider "azurerm" {}

# a right that takes effect is waited for; nobody waits here
override_module {
  target = module.key_vault
  outputs = {
    id   = "vault-1"
    keys = { models = { id = "https://vault.test/keys/models", version_id = "https://vault.test/keys/models/1" } }
  }
}

variables {
  name                = "digits-prod"
  region              = "germanywestcentral"
  cluster             = { cluster = "digits-prod", issuer = "https://germanywestcentral.oic.prod-aks.azure.com/tenant/cluster/" }
  delete_with_content = true
}

run "predictors_read_and_pipelines_write_in_the_container_alone" {
  command = apply

  assert {
    condition     = { for name, right in azurerm_role_assignment.pods : name => right.role_definition_name } == { reader = "Storage Blob Data Reader", writer = "Storage Blob Data Contributor" }
    error_message = "one reads, one writes"
  }

  assert {
    condition     = alltrue([for name, right in azurerm_role_assignment.pods : right.scope == azurerm_storage_container.models.id && right.principal_id == azurerm_user_assigned_identity.pods[name].principal_id])
    error_message = "each in the container, not in the account"
  }
}

run "a_service_account_is_known_by_its_token" {
  command = apply

  assert {
    condition = { for account, credential in azurerm_federated_identity_credential.service_account : account => credential.subject } == {
      poorwill-deploy    = "system:serviceaccount:poorwill:poorwill-deploy"
      poorwill-pipeline  = "system:serviceaccount:poorwill:poorwill-pipeline"
      poorwill-predictor = "system:serviceaccount:poorwill:poorwill-predictor"
    }
    error_message = "each by its namespace and name"
  }

  assert {
    condition     = alltrue([for credential in azurerm_federated_identity_credential.service_account : credential.issuer == "https://germanywestcentral.oic.prod-aks.azure.com/tenant/cluster/" && credential.audience == tolist(["api://AzureADTokenExchange"])])
    error_message = "as the cluster signs it, for Entra ID"
  }

  assert {
    condition = { for account, credential in azurerm_federated_identity_credential.service_account : account => credential.parent_id } == {
      poorwill-deploy    = azurerm_user_assigned_identity.pods["writer"].id
      poorwill-pipeline  = azurerm_user_assigned_identity.pods["writer"].id
      poorwill-predictor = azurerm_user_assigned_identity.pods["reader"].id
    }
    error_message = "predictors are the reader, pipelines and the deploy function the writer"
  }
}

run "manifests_are_told_which_identity_an_account_is" {
  command = apply

  assert {
    condition = { for account, entry in output.service_accounts : account => entry.annotations["azure.workload.identity/client-id"] } == {
      poorwill-deploy    = azurerm_user_assigned_identity.pods["writer"].client_id
      poorwill-pipeline  = azurerm_user_assigned_identity.pods["writer"].client_id
      poorwill-predictor = azurerm_user_assigned_identity.pods["reader"].client_id
    }
    error_message = "by its client id"
  }

  assert {
    condition     = output.pod_labels == tomap({ "azure.workload.identity/use" = "true" })
    error_message = "the label that AKS looks for"
  }
}

run "accounts_of_a_namespace_of_yours" {
  command = apply

  variables {
    namespace = "vision"
    readers   = ["web"]
    writers   = []
  }

  assert {
    condition     = { for account, credential in azurerm_federated_identity_credential.service_account : account => "${credential.name} ${credential.subject}" } == { web = "sa-web system:serviceaccount:vision:web" }
    error_message = "that one, and no other"
  }
}

run "blobs_are_encrypted_with_your_key" {
  command = apply

  assert {
    condition     = azurerm_storage_account.this.customer_managed_key[0].key_vault_key_id == "https://vault.test/keys/models"
    error_message = "the key, so that each new version is taken"
  }

  assert {
    condition     = azurerm_storage_account.this.customer_managed_key[0].user_assigned_identity_id == azurerm_user_assigned_identity.encryption.id && azurerm_storage_account.this.identity[0].identity_ids == toset([azurerm_user_assigned_identity.encryption.id])
    error_message = "by an identity that can do nothing else"
  }
}
