mock_provider "azurerm" {}

variables {
  name    = "digits-prod"
  region  = "germanywestcentral"
  network = { cidr = "10.30.0.0/16" }
}

run "nodes_have_half_of_the_network_and_no_way_out_by_default" {
  command = plan

  assert {
    condition     = azurerm_virtual_network.this.address_space == toset(["10.30.0.0/16"]) && azurerm_subnet.nodes.address_prefixes == tolist(["10.30.0.0/17"])
    error_message = "the first half"
  }

  assert {
    condition     = !azurerm_subnet.nodes.default_outbound_access_enabled && output.network.cidr == "10.30.0.0/16"
    error_message = "the way out is the NAT gateway alone"
  }
}

run "the_smallest_network_holds_all_nodes" {
  command = plan

  variables {
    network = { cidr = "192.168.16.0/20" }
  }

  assert {
    condition     = azurerm_subnet.nodes.address_prefixes == tolist(["192.168.16.0/21"])
    error_message = "2043 addresses"
  }
}

run "pods_and_services_overlap_no_network_of_yours" {
  command = plan

  assert {
    condition     = azurerm_kubernetes_cluster.this.network_profile[0].pod_cidr == "100.64.0.0/16" && azurerm_kubernetes_cluster.this.network_profile[0].service_cidr == "100.65.0.0/16" && azurerm_kubernetes_cluster.this.network_profile[0].dns_service_ip == "100.65.0.10"
    error_message = "addresses of RFC 6598"
  }

  assert {
    condition = (
      azurerm_kubernetes_cluster.this.network_profile[0].network_plugin_mode == "overlay"
      && azurerm_kubernetes_cluster.this.network_profile[0].network_data_plane == "cilium"
      && azurerm_kubernetes_cluster.this.network_profile[0].network_policy == "cilium"
      && azurerm_kubernetes_cluster.this.network_profile[0].outbound_type == "userAssignedNATGateway"
    )
    error_message = "network policies hold, and all goes out by the NAT gateway"
  }
}

run "nodes_span_the_zones_that_were_asked_for" {
  command = plan

  variables {
    network = { cidr = "10.30.0.0/16", zones = 2 }
  }

  assert {
    condition     = azurerm_kubernetes_cluster.this.default_node_pool[0].zones == toset(["1", "2"]) && alltrue([for pool in azurerm_kubernetes_cluster_node_pool.spot : pool.zones == toset(["1", "2"])])
    error_message = "two zones"
  }

  assert {
    condition     = azurerm_public_ip.way_out.zones == toset(["1", "2", "3"])
    error_message = "an address lies in one zone or in all"
  }
}
