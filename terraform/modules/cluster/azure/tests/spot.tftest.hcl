mock_provider "azurerm" {}

variables {
  name    = "digits-prod"
  region  = "germanywestcentral"
  network = { cidr = "10.30.0.0/16" }
}

run "spot_pools_begin_with_no_node" {
  command = plan

  assert {
    condition     = alltrue([for pool in azurerm_kubernetes_cluster_node_pool.spot : pool.auto_scaling_enabled && pool.min_count == 0 && pool.priority == "Spot" && pool.eviction_policy == "Delete" && pool.mode == "User"])
    error_message = "from none, of spare machines"
  }

  assert {
    condition     = { for type, pool in azurerm_kubernetes_cluster_node_pool.spot : type => pool.max_count } == { Standard_D4as_v5 = 5, Standard_D4s_v5 = 5 }
    error_message = "ten nodes in all"
  }

  assert {
    condition     = alltrue([for pool in azurerm_kubernetes_cluster_node_pool.spot : !pool.node_public_ip_enabled && pool.host_encryption_enabled])
    error_message = "private and encrypted as the others"
  }
}

run "spot_pools_bear_our_label_and_the_mark_of_aks" {
  command = plan

  assert {
    condition     = alltrue([for pool in azurerm_kubernetes_cluster_node_pool.spot : pool.node_labels == tomap({ "poorwill.dev/pool" = "spot", "kubernetes.azure.com/scalesetpriority" = "spot" })])
    error_message = "labels"
  }

  assert {
    condition     = alltrue([for pool in azurerm_kubernetes_cluster_node_pool.spot : pool.node_taints == tolist(["kubernetes.azure.com/scalesetpriority=spot:NoSchedule"])])
    error_message = "the taint that AKS adds by itself"
  }
}

run "the_namespace_of_models_tolerates_that_mark" {
  command = plan

  assert {
    condition = jsondecode(yamldecode(file("../../../../knative/overlays/azure/namespace.yaml")).metadata.annotations["scheduler.alpha.kubernetes.io/defaultTolerations"]) == [
      { key = local.spot_mark.key, operator = "Equal", value = local.spot_mark.value, effect = "NoSchedule" }
    ]
    error_message = "predictors find room on spot nodes"
  }
}

run "nodes_are_shared_out_among_pools" {
  command = plan

  variables {
    spot = { machine_types = ["Standard_D8s_v5", "Standard_D8as_v5", "Standard_E8s_v5"], nodes_max = 8 }
  }

  assert {
    condition     = { for type, pool in azurerm_kubernetes_cluster_node_pool.spot : type => pool.max_count } == { Standard_D8as_v5 = 3, Standard_D8s_v5 = 3, Standard_E8s_v5 = 2 }
    error_message = "eight in all"
  }

  assert {
    condition     = alltrue([for type, pool in azurerm_kubernetes_cluster_node_pool.spot : pool.vm_size == type && can(regex("^[a-z][a-z0-9]{0,11}$", pool.name))]) && length(distinct([for pool in azurerm_kubernetes_cluster_node_pool.spot : pool.name])) == 3
    error_message = "a pool of each size, under a name that AKS takes"
  }
}
