mock_provider "azurerm" {}

variables {
  name    = "digits-prod"
  region  = "germanywestcentral"
  network = { cidr = "10.30.0.0/16" }
}

run "refuses_a_name_of_2_characters" {
  command = plan

  variables {
    name = "ab"
  }

  expect_failures = [var.name]
}

run "refuses_a_name_of_21_characters" {
  command = plan

  variables {
    name = "digits-of-the-world-1"
  }

  expect_failures = [var.name]
}

run "refuses_a_name_in_upper_case" {
  command = plan

  variables {
    name = "Digits"
  }

  expect_failures = [var.name]
}

run "refuses_a_name_that_ends_in_a_dash" {
  command = plan

  variables {
    name = "digits-"
  }

  expect_failures = [var.name]
}

run "refuses_a_region_by_its_long_name" {
  command = plan

  variables {
    region = "Germany West Central"
  }

  expect_failures = [var.region]
}

run "refuses_a_region_without_zones" {
  command = plan

  variables {
    region = "westus"
  }

  expect_failures = [var.region]
}

run "refuses_public_addresses" {
  command = plan

  variables {
    network = { cidr = "203.0.112.0/20" }
  }

  expect_failures = [var.network]
}

run "refuses_a_network_that_is_too_small" {
  command = plan

  variables {
    network = { cidr = "10.30.0.0/21" }
  }

  expect_failures = [var.network]
}

run "refuses_a_network_that_is_too_large" {
  command = plan

  variables {
    network = { cidr = "10.0.0.0/8" }
  }

  expect_failures = [var.network]
}

run "refuses_a_network_from_its_middle_on" {
  command = plan

  variables {
    network = { cidr = "10.30.0.1/16" }
  }

  expect_failures = [var.network]
}

run "refuses_addresses_that_aks_keeps_to_itself" {
  command = plan

  variables {
    network = { cidr = "172.31.0.0/16" }
  }

  expect_failures = [var.network]
}

run "refuses_one_zone" {
  command = plan

  variables {
    network = { cidr = "10.30.0.0/16", zones = 1 }
  }

  expect_failures = [var.network]
}

run "refuses_a_kubernetes_that_knative_does_not_run_on" {
  command = plan

  variables {
    kubernetes_version = "1.33"
  }

  expect_failures = [var.kubernetes_version]
}

run "refuses_a_kubernetes_by_its_patch" {
  command = plan

  variables {
    kubernetes_version = "1.34.1"
  }

  expect_failures = [var.kubernetes_version]
}

run "refuses_the_whole_internet" {
  command = plan

  variables {
    api_access_cidrs = ["0.0.0.0/0"]
  }

  expect_failures = [var.api_access_cidrs]
}

run "refuses_an_address_without_its_length" {
  command = plan

  variables {
    api_access_cidrs = ["203.0.113.7"]
  }

  expect_failures = [var.api_access_cidrs]
}

run "refuses_a_block_from_its_middle_on" {
  command = plan

  variables {
    api_access_cidrs = ["203.0.113.7/28"]
  }

  expect_failures = [var.api_access_cidrs]
}

run "refuses_a_block_of_ipv6" {
  command = plan

  variables {
    api_access_cidrs = ["2001:db8::/64"]
  }

  expect_failures = [var.api_access_cidrs]
}

run "refuses_no_node_that_stays" {
  command = plan

  variables {
    always_on = { nodes = 0 }
  }

  expect_failures = [var.always_on]
}

run "refuses_another_clouds_machine" {
  command = plan

  variables {
    always_on = { machine_type = "m6i.large" }
  }

  expect_failures = [var.always_on]
}

run "refuses_no_spot_node" {
  command = plan

  variables {
    spot = { nodes_max = 0 }
  }

  expect_failures = [var.spot]
}

run "refuses_more_spot_nodes_than_pods_have_addresses" {
  command = plan

  variables {
    spot = { nodes_max = 300 }
  }

  expect_failures = [var.spot]
}

run "refuses_no_machine_type" {
  command = plan

  variables {
    spot = { machine_types = [] }
  }

  expect_failures = [var.spot]
}

run "refuses_another_clouds_spot_machine" {
  command = plan

  variables {
    spot = { machine_types = ["e2-standard-4"] }
  }

  expect_failures = [var.spot]
}

run "refuses_one_machine_type_twice" {
  command = plan

  variables {
    spot = { machine_types = ["Standard_D4s_v5", "Standard_D4s_v5"] }
  }

  expect_failures = [var.spot]
}

run "refuses_more_machine_types_than_nodes" {
  command = plan

  variables {
    spot = { machine_types = ["Standard_D4s_v5", "Standard_D4as_v5"], nodes_max = 1 }
  }

  expect_failures = [var.spot]
}

run "refuses_logs_for_a_week" {
  command = plan

  variables {
    log_retention_days = 7
  }

  expect_failures = [var.log_retention_days]
}

run "refuses_logs_for_ever" {
  command = plan

  variables {
    log_retention_days = 4000
  }

  expect_failures = [var.log_retention_days]
}
