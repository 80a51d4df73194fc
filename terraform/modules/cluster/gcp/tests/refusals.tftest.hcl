mock_provider "google" {
  source = "./tests/mocks"
}

variables {
  name    = "shop"
  region  = "europe-west3"
  network = { cidr = "10.20.0.0/16" }
}

run "refuses_a_name_that_is_too_long_for_one_of_the_clouds" {
  command = plan

  variables {
    name = "a23456789012345678901"
  }

  expect_failures = [var.name]
}

run "refuses_a_name_that_is_too_short" {
  command = plan

  variables {
    name = "ab"
  }

  expect_failures = [var.name]
}

run "refuses_a_name_with_a_hyphen_at_its_end" {
  command = plan

  variables {
    name = "shop-"
  }

  expect_failures = [var.name]
}

run "refuses_a_region_without_the_services" {
  command = plan

  variables {
    region = "europe-west7"
  }

  expect_failures = [var.region]
}

run "refuses_addresses_of_the_internet" {
  command = plan

  variables {
    network = { cidr = "8.8.0.0/16" }
  }

  expect_failures = [var.network]
}

run "refuses_addresses_of_a_neighbour_of_the_private_ones" {
  command = plan

  variables {
    network = { cidr = "172.32.0.0/16" }
  }

  expect_failures = [var.network]
}

run "refuses_a_network_that_is_too_small" {
  command = plan

  variables {
    network = { cidr = "10.20.0.0/21" }
  }

  expect_failures = [var.network]
}

run "refuses_a_network_that_is_too_big" {
  command = plan

  variables {
    network = { cidr = "10.0.0.0/15" }
  }

  expect_failures = [var.network]
}

run "refuses_a_network_that_begins_in_its_middle" {
  command = plan

  variables {
    network = { cidr = "10.20.3.0/16" }
  }

  expect_failures = [var.network]
}

run "refuses_what_is_no_range" {
  command = plan

  variables {
    network = { cidr = "10.20.0.999/16" }
  }

  expect_failures = [var.network]
}

run "refuses_one_zone" {
  command = plan

  variables {
    network = { cidr = "10.20.0.0/16", zones = 1 }
  }

  expect_failures = [var.network]
}

run "refuses_four_zones" {
  command = plan

  variables {
    network = { cidr = "10.20.0.0/16", zones = 4 }
  }

  expect_failures = [var.network]
}

run "refuses_a_kubernetes_that_knative_does_not_take" {
  command = plan

  variables {
    kubernetes_version = "1.33"
  }

  expect_failures = [var.kubernetes_version]
}

run "refuses_a_patch_of_kubernetes" {
  command = plan

  variables {
    kubernetes_version = "1.35.4"
  }

  expect_failures = [var.kubernetes_version]
}

run "refuses_the_whole_internet_at_the_api" {
  command = plan

  variables {
    api_access_cidrs = ["0.0.0.0/0"]
  }

  expect_failures = [var.api_access_cidrs]
}

run "refuses_half_the_internet_at_the_api" {
  command = plan

  variables {
    api_access_cidrs = ["128.0.0.0/1"]
  }

  expect_failures = [var.api_access_cidrs]
}

run "refuses_an_address_that_is_no_range" {
  command = plan

  variables {
    api_access_cidrs = ["203.0.113.7"]
  }

  expect_failures = [var.api_access_cidrs]
}

run "refuses_logs_that_go_within_a_month" {
  command = plan

  variables {
    log_retention_days = 29
  }

  expect_failures = [var.log_retention_days]
}

run "refuses_logs_that_stay_for_longer_than_ten_years" {
  command = plan

  variables {
    log_retention_days = 3651
  }

  expect_failures = [var.log_retention_days]
}

run "refuses_half_a_day_for_logs" {
  command = plan

  variables {
    log_retention_days = 90.5
  }

  expect_failures = [var.log_retention_days]
}

run "refuses_a_tag_that_is_no_label" {
  command = plan

  variables {
    tags = { Team = "ml" }
  }

  expect_failures = [var.tags]
}

run "refuses_a_tag_whose_value_is_no_label" {
  command = plan

  variables {
    tags = { team = "Machine learning" }
  }

  expect_failures = [var.tags]
}
