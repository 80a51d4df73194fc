data "azurerm_client_config" "current" {}

locals {
  # Accounts are named once in the world, in 24 letters and digits: the hash tells this subscription's from others.
  hash    = substr(sha256("${data.azurerm_client_config.current.subscription_id}/${var.region}/${var.name}/storage"), 0, 8)
  account = "${substr(replace(var.name, "-", ""), 0, 16)}${local.hash}"
}

resource "azurerm_storage_account" "this" {
  #checkov:skip=CKV_AZURE_33:Of queues there are none
  #checkov:skip=CKV_AZURE_35:Pods of any cluster and `poorwill push` reach it from outside a network, each by a token of Entra ID; nothing else opens it
  #checkov:skip=CKV_AZURE_59:As above: its endpoint is public, and nothing in it is
  #checkov:skip=CKV_AZURE_206:Three zones of one region hold each blob; a second region would have no cluster that serves from there
  #checkov:skip=CKV2_AZURE_33:A private endpoint belongs to a network, which is the cluster's affair
  name                     = local.account
  resource_group_name      = azurerm_resource_group.this.name
  location                 = azurerm_resource_group.this.location
  account_kind             = "StorageV2"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  tags                     = local.tags

  # TLS alone, and tokens of Entra ID alone: no keys of the account, no signatures by them, no users of its own
  https_traffic_only_enabled      = true
  min_tls_version                 = "TLS1_2"
  shared_access_key_enabled       = false
  default_to_oauth_authentication = true
  local_user_enabled              = false

  # no container can be made public, and nothing is copied to another tenant
  allow_nested_items_to_be_public  = false
  cross_tenant_replication_enabled = false
  allowed_copy_scope               = "AAD"

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.encryption.id]
  }

  customer_managed_key {
    key_vault_key_id          = module.key_vault.keys["models"].id
    user_assigned_identity_id = azurerm_user_assigned_identity.encryption.id
  }

  blob_properties {
    versioning_enabled = true

    # versions, too, when lifecycle.tf or anybody deletes them
    delete_retention_policy {
      days = var.keep_overwritten_days
    }

    container_delete_retention_policy {
      days = var.keep_overwritten_days
    }
  }

  # signatures that a user's token made, which are the only ones, end within a day
  sas_policy {
    expiration_period = "01.00:00:00"
    expiration_action = "Block"
  }

  # the account may use its key from the start
  depends_on = [module.key_vault]
}

resource "azurerm_storage_container" "models" {
  #checkov:skip=CKV2_AZURE_21:Whoever wants to know who read what sends the account's logs to a workspace; each GET of a predictor would be a line
  name                  = "models"
  storage_account_id    = azurerm_storage_account.this.id
  container_access_type = "private"
}
