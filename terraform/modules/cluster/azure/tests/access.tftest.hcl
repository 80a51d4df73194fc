mock_provider "azurerm" {
  mock_resource "azurerm_kubernetes_cluster" {
    defaults = {
      kube_config     = [{ host = "https://digits-prod.privatelink.germanywestcentral.azmk8s.io:443", cluster_ca_certificate = "UEVN" }]
      oidc_issuer_url = "https://germanywestcentral.oic.prod-aks.azure.com/tenant/cluster/"
    }
  }

  mock_resource "azurerm_public_ip" {
    defaults = { ip_address = "203.0.113.200" }
  }
}

# a right that takes effect is waited for; nobody waits here
override_module {
  target = module.key_vault
  outputs = {
    id = "vault-1"
    keys = {
      disks = { id = "https://vault.test/keys/disks", version_id = "https://vault.test/keys/disks/1" }
      etcd  = { id = "https://vault.test/keys/etcd", version_id = "https://vault.test/keys/etcd/1" }
    }
  }
}

variables {
  name                = "digits-prod"
  region              = "germanywestcentral"
  network             = { cidr = "10.30.0.0/16" }
  deletion_protection = false
}

run "a_token_is_got_by_kubelogin" {
  command = apply

  assert {
    condition     = output.access.host == "https://digits-prod.privatelink.germanywestcentral.azmk8s.io:443" && output.access.cluster_ca_certificate == "PEM"
    error_message = "host and certificate"
  }

  assert {
    condition     = output.access.exec.command == "kubelogin" && output.access.exec.args == ["get-token", "--login", "azurecli", "--server-id", "6dae42f8-4368-4678-94ff-3960e28e3630"]
    error_message = "a command, never a token"
  }

  assert {
    condition     = output.identity == { cluster = "digits-prod", issuer = "https://germanywestcentral.oic.prod-aks.azure.com/tenant/cluster/" }
    error_message = "who vouches for service accounts"
  }

  assert {
    condition     = output.network.id == azurerm_virtual_network.this.id && output.region == "germanywestcentral"
    error_message = "where it is"
  }
}

run "a_public_endpoint_is_for_the_addresses_that_were_named" {
  command = apply

  variables {
    api_access_cidrs = ["203.0.113.0/28", "198.51.100.7/32"]
  }

  assert {
    condition     = !azurerm_kubernetes_cluster.this.private_cluster_enabled
    error_message = "public"
  }

  assert {
    condition     = azurerm_kubernetes_cluster.this.api_server_access_profile[0].authorized_ip_ranges == toset(["203.0.113.0/28", "198.51.100.7/32", "203.0.113.200/32"])
    error_message = "those, and the nodes' own way out"
  }
}

run "disks_and_etcd_are_encrypted_with_your_keys" {
  command = apply

  assert {
    condition     = azurerm_kubernetes_cluster.this.disk_encryption_set_id == azurerm_disk_encryption_set.this.id && azurerm_disk_encryption_set.this.key_vault_key_id == "https://vault.test/keys/disks" && azurerm_disk_encryption_set.this.auto_key_rotation_enabled
    error_message = "disks take each new version by themselves"
  }

  assert {
    condition     = azurerm_kubernetes_cluster.this.key_management_service[0].key_vault_key_id == "https://vault.test/keys/etcd/1"
    error_message = "etcd is given the newest version"
  }

  assert {
    condition     = azurerm_kubernetes_cluster.this.default_node_pool[0].host_encryption_enabled && azurerm_kubernetes_cluster.this.default_node_pool[0].os_disk_type == "Managed"
    error_message = "caches are encrypted, too"
  }
}

run "the_control_plane_has_three_rights" {
  command = apply

  assert {
    condition = { for right in azurerm_role_assignment.control_plane : right.role_definition_name => right.scope } == {
      "Network Contributor"       = azurerm_virtual_network.this.id
      "Reader"                    = azurerm_disk_encryption_set.this.id
      "Managed Identity Operator" = azurerm_user_assigned_identity.nodes.id
    }
    error_message = "on the cluster's own network, on the encryption of its disks, and on its nodes' identity"
  }

  assert {
    condition     = alltrue([for right in azurerm_role_assignment.control_plane : right.principal_id == azurerm_user_assigned_identity.control_plane.principal_id]) && azurerm_kubernetes_cluster.this.identity[0].identity_ids == toset([azurerm_user_assigned_identity.control_plane.id])
    error_message = "given to the control plane's identity"
  }
}

run "nodes_pull_images_as_an_identity_of_their_own" {
  command = apply

  assert {
    condition     = output.image_puller == azurerm_user_assigned_identity.nodes.principal_id && azurerm_kubernetes_cluster.this.kubelet_identity[0].object_id == output.image_puller
    error_message = "that identity, by its object id"
  }

  assert {
    condition     = output.image_puller != azurerm_user_assigned_identity.control_plane.principal_id
    error_message = "without the control plane's rights"
  }
}
