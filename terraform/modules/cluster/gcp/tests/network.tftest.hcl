mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

override_module {
  target = module.key_ring
  outputs = {
    keys = { secrets = "key-of-secrets", disks = "key-of-disks", logs = "key-of-logs" }
    made = "20261128120000"
  }
}

variables {
  name    = "shop"
  region  = "europe-west3"
  network = { cidr = "10.20.0.0/16" }
  tags    = { team = "ml" }
}

run "pods_nodes_and_services_have_ranges_of_the_network_alone" {
  command = plan

  assert {
    condition     = !google_compute_network.this.auto_create_subnetworks
    error_message = "The network was to have no subnetworks in other regions."
  }

  assert {
    condition     = google_compute_subnetwork.this.ip_cidr_range == "10.20.0.0/18"
    error_message = "Nodes were to have a quarter."
  }

  assert {
    condition     = { for range in google_compute_subnetwork.this.secondary_ip_range : range.range_name => range.ip_cidr_range } == { pods = "10.20.128.0/17", services = "10.20.64.0/19" }
    error_message = "Pods were to have the upper half, services an eighth."
  }

  assert {
    condition     = google_container_cluster.this.ip_allocation_policy[0].cluster_secondary_range_name == "pods" && google_container_cluster.this.ip_allocation_policy[0].services_secondary_range_name == "services"
    error_message = "Pods and services were to take the ranges that are theirs."
  }

  assert {
    condition     = google_compute_subnetwork.this.private_ip_google_access && google_compute_subnetwork.this.region == "europe-west3"
    error_message = "Google's APIs were to be reached without public addresses."
  }

  assert {
    condition     = google_compute_subnetwork.this.log_config[0].flow_sampling == 0.1
    error_message = "What flows was to be logged."
  }
}

run "there_is_one_way_out" {
  command = plan

  assert {
    condition     = one(google_compute_router_nat.this.subnetwork).name == google_compute_subnetwork.this.id && one(google_compute_router_nat.this.subnetwork).source_ip_ranges_to_nat == toset(["ALL_IP_RANGES"])
    error_message = "Nodes and pods were to get out by NAT."
  }

  assert {
    condition     = google_compute_router_nat.this.source_subnetwork_ip_ranges_to_nat == "LIST_OF_SUBNETWORKS" && google_compute_router_nat.this.nat_ip_allocate_option == "AUTO_ONLY"
    error_message = "Nobody else was to get out by it."
  }
}

run "some_regions_have_other_zones" {
  command = plan

  variables {
    region  = "us-east1"
    network = { cidr = "172.16.0.0/20", zones = 2 }
  }

  assert {
    condition     = google_container_cluster.this.node_locations == toset(["us-east1-b", "us-east1-c"])
    error_message = "Nodes were to be in zones that there are."
  }

  assert {
    condition     = google_compute_subnetwork.this.ip_cidr_range == "172.16.0.0/22"
    error_message = "Nodes were to have a quarter."
  }
}
