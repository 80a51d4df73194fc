mock_provider "azurerm" {
  mock_data "azurerm_client_config" {
    defaults = {
      subscription_id = "00000000-1111-2222-3333-444444444444"
      tenant_id       = "55555555-6666-7777-8888-999999999999"
    }
  }
}

variables {
  name           = "digits-prod"
  purpose        = "cluster"
  resource_group = { name = "digits-prod", region = "germanywestcentral" }
  keys           = ["disks", "etcd"]
  tags           = { team = "models" }
  users = {
    disks = { key = "disks", principal_id = "00000000-0000-0000-0000-000000000001" }
    etcd  = { key = "etcd", principal_id = "00000000-0000-0000-0000-000000000002", role = "Key Vault Crypto User" }
  }
}

run "a_vault_is_used_by_role_and_outlives_a_mistake" {
  command = plan

  assert {
    condition     = azurerm_key_vault.this.rbac_authorization_enabled
    error_message = "roles, not access policies"
  }

  assert {
    condition     = azurerm_key_vault.this.purge_protection_enabled && azurerm_key_vault.this.soft_delete_retention_days == 90
    error_message = "nobody can end it for good sooner than 90 days after it was deleted"
  }

  assert {
    condition     = azurerm_key_vault.this.tags == tomap({ poorwill = "digits-prod", team = "models" })
    error_message = "tags say whose it is"
  }
}

run "a_vault_has_a_name_that_nobody_else_has_and_that_stays" {
  command = plan

  assert {
    condition     = azurerm_key_vault.this.name == "digitsprod-${substr(sha256("00000000-1111-2222-3333-444444444444/germanywestcentral/digits-prod/cluster"), 0, 8)}"
    error_message = "made of the name, and of where it is"
  }
}

run "the_longest_name_makes_a_name_that_a_vault_can_have" {
  command = plan

  variables {
    name = "digits--of-the-world"
  }

  assert {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", azurerm_key_vault.this.name)) && !strcontains(azurerm_key_vault.this.name, "--")
    error_message = "3 to 24 characters, no two - in a row"
  }
}

run "keys_lie_in_hardware_and_rotate_each_year" {
  command = plan

  assert {
    condition     = keys(azurerm_key_vault_key.this) == ["disks", "etcd"]
    error_message = "one for each use"
  }

  assert {
    condition     = alltrue([for key in azurerm_key_vault_key.this : key.key_type == "RSA-HSM" && key.rotation_policy[0].automatic[0].time_after_creation == "P365D"])
    error_message = "a new version each year, in an HSM"
  }

  assert {
    condition     = alltrue([for key in azurerm_key_vault_key.this : try(length(key.rotation_policy[0].expire_after), 0) == 0 && key.expiration_date == null])
    error_message = "no version ever ends"
  }
}

run "each_identity_uses_its_own_key_and_manages_none" {
  command = plan

  assert {
    condition = { for name, user in azurerm_role_assignment.user : name => user.role_definition_name } == {
      disks = "Key Vault Crypto Service Encryption User"
      etcd  = "Key Vault Crypto User"
    }
    error_message = "roles that wrap or encrypt"
  }

  assert {
    condition     = azurerm_role_assignment.user["disks"].principal_id == "00000000-0000-0000-0000-000000000001"
    error_message = "given to the identity itself"
  }
}

run "rights_reach_a_key_and_not_the_vault" {
  command = apply

  variables {
    settle_seconds = 0
  }

  assert {
    condition     = alltrue([for name, user in azurerm_role_assignment.user : user.scope == azurerm_key_vault_key.this[name].resource_versionless_id])
    error_message = "a role is given for one key"
  }

  assert {
    condition     = output.keys.etcd.id == azurerm_key_vault_key.this["etcd"].versionless_id && output.keys.etcd.version_id == data.azurerm_key_vault_key.newest["etcd"].id
    error_message = "both the key and its newest version are told"
  }
}
