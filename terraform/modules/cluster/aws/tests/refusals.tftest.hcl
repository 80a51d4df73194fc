mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name    = "shop"
  region  = "eu-central-1"
  network = { cidr = "10.10.0.0/16" }
}

run "refuses_a_name_that_is_too_long_for_one_of_the_clouds" {
  command = plan

  variables {
    name = "a23456789012345678901"
  }

  expect_failures = [var.name]
}

run "refuses_a_name_with_an_underscore" {
  command = plan

  variables {
    name = "my_shop"
  }

  expect_failures = [var.name]
}

run "refuses_a_region_without_the_services" {
  command = plan

  variables {
    region = "us-west-1"
  }

  expect_failures = [var.region]
}

run "refuses_a_region_that_is_not_the_providers" {
  command = plan

  variables {
    region = "eu-west-1"
  }

  expect_failures = [aws_vpc.this]
}

run "refuses_more_zones_than_the_account_has" {
  command = plan

  variables {
    network = { cidr = "10.10.0.0/16" }
  }

  override_data {
    target = data.aws_availability_zones.all
    values = { names = ["eu-central-1a", "eu-central-1b"] }
  }

  expect_failures = [aws_vpc.this]
}

run "refuses_a_range_of_the_internet" {
  command = plan

  variables {
    network = { cidr = "203.0.0.0/16" }
  }

  expect_failures = [var.network]
}

run "refuses_a_range_that_is_too_small" {
  command = plan

  variables {
    network = { cidr = "10.10.0.0/21" }
  }

  expect_failures = [var.network]
}

run "refuses_a_range_that_is_too_big" {
  command = plan

  variables {
    network = { cidr = "10.0.0.0/15" }
  }

  expect_failures = [var.network]
}

run "refuses_a_range_that_does_not_begin_at_its_first_address" {
  command = plan

  variables {
    network = { cidr = "10.10.3.0/16" }
  }

  expect_failures = [var.network]
}

run "refuses_one_zone" {
  command = plan

  variables {
    network = { cidr = "10.10.0.0/16", zones = 1 }
  }

  expect_failures = [var.network]
}

run "refuses_a_version_that_knative_does_not_support" {
  command = plan

  variables {
    kubernetes_version = "1.33"
  }

  expect_failures = [var.kubernetes_version]
}

run "refuses_all_of_the_internet_at_the_api" {
  command = plan

  variables {
    api_access_cidrs = ["0.0.0.0/0"]
  }

  expect_failures = [var.api_access_cidrs]
}

run "refuses_half_of_the_internet_at_the_api" {
  command = plan

  variables {
    api_access_cidrs = ["0.0.0.0/1", "128.0.0.0/1"]
  }

  expect_failures = [var.api_access_cidrs]
}

run "refuses_an_address_without_its_length_at_the_api" {
  command = plan

  variables {
    api_access_cidrs = ["203.0.113.7"]
  }

  expect_failures = [var.api_access_cidrs]
}

run "refuses_a_machine_type_of_another_cloud" {
  command = plan

  variables {
    always_on = { machine_type = "e2-standard-2" }
  }

  expect_failures = [var.always_on]
}

run "refuses_an_arm_machine_type" {
  command = plan

  variables {
    always_on = { machine_type = "m7g.large" }
  }

  expect_failures = [var.always_on]
}

run "refuses_no_node_at_all" {
  command = plan

  variables {
    always_on = { nodes = 0 }
  }

  expect_failures = [var.always_on]
}

run "refuses_half_a_node" {
  command = plan

  variables {
    always_on = { nodes = 1.5 }
  }

  expect_failures = [var.always_on]
}

run "refuses_no_spot_type" {
  command = plan

  variables {
    spot = { machine_types = [] }
  }

  expect_failures = [var.spot]
}

run "refuses_an_arm_spot_type" {
  command = plan

  variables {
    spot = { machine_types = ["m6i.large", "t4g.large"] }
  }

  expect_failures = [var.spot]
}

run "refuses_spot_types_of_two_sizes" {
  command = plan

  variables {
    spot = { machine_types = ["m6i.large", "m6i.xlarge"] }
  }

  expect_failures = [var.spot]
}

run "refuses_a_spot_pool_that_never_wakes" {
  command = plan

  variables {
    spot = { nodes_max = 0 }
  }

  expect_failures = [var.spot]
}

run "refuses_a_spot_pool_without_a_bound" {
  command = plan

  variables {
    spot = { nodes_max = 1000 }
  }

  expect_failures = [var.spot]
}

run "refuses_a_retention_that_cloudwatch_does_not_have" {
  command = plan

  variables {
    log_retention_days = 91
  }

  expect_failures = [var.log_retention_days]
}
