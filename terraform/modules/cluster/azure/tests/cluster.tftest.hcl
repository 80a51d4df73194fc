mock_provider "azurerm" {}

variables {
  name    = "digits-prod"
  region  = "germanywestcentral"
  network = { cidr = "10.30.0.0/16" }
  tags    = { team = "models" }
}

run "the_api_has_no_public_endpoint" {
  command = plan

  assert {
    condition     = azurerm_kubernetes_cluster.this.private_cluster_enabled && azurerm_kubernetes_cluster.this.private_dns_zone_id == "System"
    error_message = "private unless it is asked for otherwise"
  }

  assert {
    condition     = length(azurerm_kubernetes_cluster.this.api_server_access_profile) == 0 && !azurerm_kubernetes_cluster.this.run_command_enabled
    error_message = "no ranges, and no way around the network"
  }
}

run "entra_id_is_the_only_way_in" {
  command = plan

  assert {
    condition     = azurerm_kubernetes_cluster.this.local_account_disabled && azurerm_kubernetes_cluster.this.azure_active_directory_role_based_access_control[0].azure_rbac_enabled
    error_message = "no certificate of an administrator; roles of Azure say who may do what"
  }

  assert {
    condition     = azurerm_kubernetes_cluster.this.oidc_issuer_enabled && azurerm_kubernetes_cluster.this.workload_identity_enabled
    error_message = "pods are known by their service account's token"
  }

  assert {
    condition     = azurerm_kubernetes_cluster.this.identity[0].type == "UserAssigned"
    error_message = "an identity that is known before the cluster is made"
  }
}

run "versions_are_kept_up" {
  command = plan

  variables {
    kubernetes_version = "1.35"
  }

  assert {
    condition     = azurerm_kubernetes_cluster.this.kubernetes_version == "1.35" && azurerm_kubernetes_cluster.this.default_node_pool[0].orchestrator_version == "1.35" && output.kubernetes_version == "1.35"
    error_message = "the control plane and the nodes are of one version"
  }

  assert {
    condition     = alltrue([for pool in azurerm_kubernetes_cluster_node_pool.spot : pool.orchestrator_version == "1.35"])
    error_message = "spot nodes too"
  }

  assert {
    condition     = azurerm_kubernetes_cluster.this.automatic_upgrade_channel == "patch" && azurerm_kubernetes_cluster.this.node_os_upgrade_channel == "NodeImage" && azurerm_kubernetes_cluster.this.sku_tier == "Standard"
    error_message = "patches come by themselves, with a promised uptime"
  }
}

run "all_is_called_after_the_cluster_and_says_whose_it_is" {
  command = plan

  assert {
    condition     = azurerm_kubernetes_cluster.this.name == "digits-prod" && azurerm_resource_group.this.name == "digits-prod" && output.name == "digits-prod"
    error_message = "the resource group is called as the cluster is"
  }

  assert {
    condition = alltrue([
      for tags in [
        azurerm_resource_group.this.tags,
        azurerm_virtual_network.this.tags,
        azurerm_public_ip.way_out.tags,
        azurerm_nat_gateway.this.tags,
        azurerm_user_assigned_identity.control_plane.tags,
        azurerm_user_assigned_identity.nodes.tags,
        azurerm_disk_encryption_set.this.tags,
        azurerm_kubernetes_cluster.this.tags,
        azurerm_kubernetes_cluster.this.default_node_pool[0].tags,
        azurerm_kubernetes_cluster_node_pool.spot["Standard_D4s_v5"].tags,
        azurerm_log_analytics_workspace.audit.tags,
      ] : tags == tomap({ poorwill = "digits-prod", team = "models" })
    ])
    error_message = "each bears the tags and the name"
  }
}

run "the_always_on_pool_is_small_and_private" {
  command = plan

  assert {
    condition     = azurerm_kubernetes_cluster.this.default_node_pool[0].node_count == 2 && azurerm_kubernetes_cluster.this.default_node_pool[0].vm_size == "Standard_D4s_v5"
    error_message = "two machines of four CPUs"
  }

  assert {
    condition     = !azurerm_kubernetes_cluster.this.default_node_pool[0].node_public_ip_enabled && azurerm_kubernetes_cluster.this.default_node_pool[0].node_labels == tomap({ "poorwill.dev/pool" = "always-on" })
    error_message = "no public addresses, and a label that tells the pool"
  }
}

run "the_always_on_pool_is_what_was_asked_for" {
  command = plan

  variables {
    always_on = { machine_type = "Standard_D8as_v5", nodes = 3 }
  }

  assert {
    condition     = azurerm_kubernetes_cluster.this.default_node_pool[0].node_count == 3 && azurerm_kubernetes_cluster.this.default_node_pool[0].vm_size == "Standard_D8as_v5"
    error_message = "three machines of eight CPUs"
  }
}

run "audit_logs_are_kept_as_long_as_was_asked_for" {
  command = plan

  variables {
    log_retention_days = 365
  }

  assert {
    condition     = azurerm_log_analytics_workspace.audit.retention_in_days == 365 && !azurerm_log_analytics_workspace.audit.local_authentication_enabled
    error_message = "a year, and no shared keys"
  }

  assert {
    condition     = toset([for log in azurerm_monitor_diagnostic_setting.cluster.enabled_log : log.category]) == toset(["kube-audit-admin", "guard", "cluster-autoscaler"])
    error_message = "who changed what, who was let in, why nodes came"
  }

  assert {
    condition     = one(azurerm_monitor_diagnostic_setting.key_vault.enabled_log).category == "AuditEvent"
    error_message = "who used the keys"
  }
}

run "the_cluster_is_locked" {
  command = plan

  assert {
    condition     = azurerm_management_lock.cluster[0].lock_level == "CanNotDelete" && terraform_data.deletion_protection.input
    error_message = "nobody deletes it by mistake, Terraform included"
  }
}

run "the_cluster_is_not_locked_where_that_was_said" {
  command = plan

  variables {
    deletion_protection = false
  }

  assert {
    condition     = length(azurerm_management_lock.cluster) == 0 && !terraform_data.deletion_protection.input
    error_message = "no lock"
  }
}
