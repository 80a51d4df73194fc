mock_provider "azurerm" {
  mock_data "azurerm_client_config" {
    defaults = { subscription_id = "00000000-1111-2222-3333-444444444444" }
  }
}

variables {
  name    = "digits-prod"
  region  = "germanywestcentral"
  cluster = { cluster = "digits-prod", issuer = "https://germanywestcentral.oic.prod-aks.azure.com/tenant/cluster/" }
  tags    = { team = "models" }
}

run "only_tokens_of_entra_id_over_tls_open_the_account" {
  command = plan

  assert {
    condition     = azurerm_storage_account.this.https_traffic_only_enabled && azurerm_storage_account.this.min_tls_version == "TLS1_2"
    error_message = "TLS 1.2 or newer"
  }

  assert {
    condition     = !azurerm_storage_account.this.shared_access_key_enabled && !azurerm_storage_account.this.local_user_enabled && azurerm_storage_account.this.default_to_oauth_authentication
    error_message = "no keys, no users of its own"
  }

  assert {
    condition     = azurerm_storage_account.this.sas_policy[0].expiration_action == "Block" && azurerm_storage_account.this.sas_policy[0].expiration_period == "01.00:00:00"
    error_message = "a signature ends within a day"
  }
}

run "nothing_can_be_made_public" {
  command = plan

  assert {
    condition     = !azurerm_storage_account.this.allow_nested_items_to_be_public && !azurerm_storage_account.this.cross_tenant_replication_enabled && azurerm_storage_account.this.allowed_copy_scope == "AAD"
    error_message = "neither to the world nor to another tenant"
  }

  assert {
    condition     = azurerm_storage_container.models.container_access_type == "private" && azurerm_storage_container.models.name == "models"
    error_message = "the container is private"
  }
}

run "what_was_overwritten_can_be_had_back" {
  command = plan

  variables {
    keep_overwritten_days = 14
  }

  assert {
    condition     = azurerm_storage_account.this.blob_properties[0].versioning_enabled && azurerm_storage_account.this.blob_properties[0].delete_retention_policy[0].days == 14 && azurerm_storage_account.this.blob_properties[0].container_delete_retention_policy[0].days == 14
    error_message = "versions, and what was deleted"
  }

  assert {
    condition     = one([for rule in azurerm_storage_management_policy.this.rule : rule.actions[0].version[0].delete_after_days_since_creation if rule.name == "overwritten"]) == 14
    error_message = "versions go by days"
  }

  assert {
    condition     = one([for rule in azurerm_storage_management_policy.this.rule : rule.filters[0].prefix_match if rule.name == "overwritten"]) == toset(["models/"])
    error_message = "in all of the container"
  }
}

run "runs_go_by_age_and_models_do_not" {
  command = plan

  variables {
    keep_runs_days = 7
  }

  assert {
    condition     = one([for rule in azurerm_storage_management_policy.this.rule : rule.actions[0].base_blob[0].delete_after_days_since_modification_greater_than if rule.name == "runs"]) == 7
    error_message = "a week"
  }

  assert {
    condition     = toset(flatten([for rule in azurerm_storage_management_policy.this.rule : [for prefix in rule.filters[0].prefix_match : prefix] if length(rule.actions[0].base_blob) > 0])) == toset(["models/runs/"])
    error_message = "nothing but runs/"
  }

  assert {
    condition     = alltrue([for rule in azurerm_storage_management_policy.this.rule : rule.enabled])
    error_message = "rules that hold"
  }
}

run "three_zones_hold_each_blob" {
  command = plan

  assert {
    condition     = azurerm_storage_account.this.account_replication_type == "ZRS" && azurerm_storage_account.this.account_kind == "StorageV2"
    error_message = "zone-redundant"
  }
}

run "an_account_has_a_name_that_nobody_else_has_and_that_stays" {
  command = plan

  assert {
    condition     = azurerm_storage_account.this.name == "digitsprod${substr(sha256("00000000-1111-2222-3333-444444444444/germanywestcentral/digits-prod/storage"), 0, 8)}"
    error_message = "made of the name, and of where it is"
  }

  assert {
    condition     = output.store == "az://${azurerm_storage_account.this.name}/models" && output.environment == { POORWILL_STORE = output.store } && output.bucket == "${azurerm_storage_account.this.name}/models"
    error_message = "told as POORWILL_STORE takes it"
  }
}

run "the_longest_name_makes_a_name_that_an_account_can_have" {
  command = plan

  variables {
    name = "digits0of0the0world0"
  }

  assert {
    condition     = can(regex("^[a-z0-9]{24}$", azurerm_storage_account.this.name))
    error_message = "24 letters and digits"
  }
}

run "all_says_whose_it_is" {
  command = plan

  assert {
    condition = alltrue([
      for tags in concat(
        [azurerm_resource_group.this.tags, azurerm_storage_account.this.tags, azurerm_user_assigned_identity.encryption.tags],
        [for identity in azurerm_user_assigned_identity.pods : identity.tags],
      ) : tags == tomap({ poorwill = "digits-prod", team = "models" })
    ])
    error_message = "each bears the tags and the name"
  }

  assert {
    condition     = azurerm_resource_group.this.name == "digits-prod-storage"
    error_message = "a group of its own"
  }
}

run "a_destroy_is_refused_unless_it_was_allowed" {
  command = plan

  assert {
    condition     = !terraform_data.content.input
    error_message = "refused"
  }
}
