mock_provider "azurerm" {
  mock_data "azurerm_client_config" {
    defaults = { subscription_id = "00000000-1111-2222-3333-444444444444" }
  }

  mock_resource "azurerm_container_registry" {
    defaults = { login_server = "digitsprod01234567.azurecr.io" }
  }
}

# a right that takes effect is waited for; nobody waits here
override_module {
  target = module.key_vault
  outputs = {
    id   = "vault-1"
    keys = { images = { id = "https://vault.test/keys/images", version_id = "https://vault.test/keys/images/1" } }
  }
}

variables {
  name    = "digits-prod"
  region  = "germanywestcentral"
  pullers = ["00000000-0000-0000-0000-000000000001"]
  tags    = { team = "models" }
}

run "only_tokens_of_entra_id_open_the_registry" {
  command = plan

  assert {
    condition     = !azurerm_container_registry.this.admin_enabled && !azurerm_container_registry.this.anonymous_pull_enabled
    error_message = "no password, and nobody unknown"
  }

  assert {
    condition     = azurerm_container_registry.this.sku == "Premium" && azurerm_container_registry.this.zone_redundancy_enabled && azurerm_container_registry.this.data_endpoint_enabled
    error_message = "in all zones, with hosts of its own"
  }
}

run "a_registry_has_a_name_that_nobody_else_has_and_that_stays" {
  command = plan

  assert {
    condition     = azurerm_container_registry.this.name == "digitsprod${substr(sha256("00000000-1111-2222-3333-444444444444/germanywestcentral/digits-prod/images"), 0, 8)}"
    error_message = "made of the name, and of where it is"
  }
}

run "all_says_whose_it_is" {
  command = plan

  assert {
    condition = alltrue([
      for tags in [azurerm_resource_group.this.tags, azurerm_container_registry.this.tags, azurerm_container_registry_task.purge.tags, azurerm_user_assigned_identity.encryption.tags] :
      tags == tomap({ poorwill = "digits-prod", team = "models" })
    ])
    error_message = "each bears the tags and the name"
  }

  assert {
    condition     = azurerm_resource_group.this.name == "digits-prod-images"
    error_message = "a group of its own"
  }
}

run "the_oldest_images_lose_their_tags_and_go_a_month_later" {
  command = plan

  variables {
    images      = ["serve", "train"]
    keep_images = 5
  }

  assert {
    condition = yamldecode(base64decode(azurerm_container_registry_task.purge.encoded_step[0].task_content)).steps[*].cmd == [
      "acr purge --filter 'serve:.*' --ago 0d --keep 5",
      "acr purge --filter 'train:.*' --ago 0d --keep 5",
    ]
    error_message = "five of each stay"
  }

  assert {
    condition     = azurerm_container_registry_task.purge.timer_trigger[0].schedule == "0 3 * * *" && azurerm_container_registry.this.retention_policy_in_days == 30
    error_message = "each night, and what has no tag is kept for a month"
  }
}

run "images_are_encrypted_with_your_key" {
  command = apply

  assert {
    condition     = one(azurerm_container_registry.this.encryption).key_vault_key_id == "https://vault.test/keys/images" && one(azurerm_container_registry.this.encryption).identity_client_id == azurerm_user_assigned_identity.encryption.client_id
    error_message = "the key, so that each new version is taken, by an identity that can do nothing else"
  }
}

run "pullers_pull_and_do_nothing_else" {
  command = apply

  variables {
    pullers = ["00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"]
  }

  assert {
    condition     = azurerm_role_assignment.puller[*].principal_id == ["00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"]
    error_message = "both clusters' nodes"
  }

  assert {
    condition     = alltrue([for right in azurerm_role_assignment.puller : right.role_definition_name == "AcrPull" && right.scope == azurerm_container_registry.this.id])
    error_message = "from this registry"
  }
}

run "a_registry_without_clusters_lets_nobody_pull" {
  command = plan

  variables {
    pullers = []
  }

  assert {
    condition     = length(azurerm_role_assignment.puller) == 0
    error_message = "no rights"
  }
}

run "make_image_is_told_where_to" {
  command = apply

  assert {
    condition = output.registry == "digitsprod01234567.azurecr.io" && output.images == {
      deploy = "digitsprod01234567.azurecr.io/deploy"
      serve  = "digitsprod01234567.azurecr.io/serve"
      train  = "digitsprod01234567.azurecr.io/train"
    }
    error_message = "by target"
  }

  assert {
    condition     = output.login == "az acr login --name ${azurerm_container_registry.this.name} --expose-token --query accessToken --output tsv | docker login --username 00000000-0000-0000-0000-000000000000 --password-stdin digitsprod01234567.azurecr.io"
    error_message = "a command, never a password"
  }
}
