mock_provider "aws" {}

variables {
  zone     = "example.com"
  name     = "digits.example.com"
  clusters = { aws = { address = "203.0.113.7", weight = 1 } }
}

run "refuses_a_zone_with_a_dot_at_its_end" {
  command = plan

  variables {
    zone = "example.com."
    name = "digits.example.com."
  }

  expect_failures = [var.zone]
}

run "refuses_a_name_in_upper_case" {
  command = plan

  variables {
    name = "Digits.example.com"
  }

  expect_failures = [var.name]
}

run "refuses_a_name_outside_its_zone" {
  command = plan

  variables {
    name = "digits.example.org"
  }

  expect_failures = [var.name]
}

run "refuses_a_name_that_is_the_zone" {
  command = plan

  variables {
    name = "example.com"
  }

  expect_failures = [var.name]
}

run "refuses_no_cluster" {
  command = plan

  variables {
    clusters = {}
  }

  expect_failures = [var.clusters]
}

run "refuses_a_cluster_whose_name_is_no_label" {
  command = plan

  variables {
    clusters = { "AWS 1" = { address = "203.0.113.7", weight = 1 } }
  }

  expect_failures = [var.clusters]
}

run "refuses_an_address_with_a_scheme" {
  command = plan

  variables {
    clusters = { aws = { address = "https://a.example.net", weight = 1 } }
  }

  expect_failures = [var.clusters]
}

run "refuses_an_address_of_ipv6" {
  command = plan

  variables {
    clusters = { aws = { address = "2001:db8::7", weight = 1 } }
  }

  expect_failures = [var.clusters]
}

run "refuses_an_address_that_checkers_do_not_reach" {
  command = plan

  variables {
    clusters = { aws = { address = "10.0.0.7", weight = 1 } }
  }

  expect_failures = [var.clusters]
}

run "refuses_one_address_for_two_clusters" {
  command = plan

  variables {
    clusters = { aws = { address = "203.0.113.7", weight = 1 }, gcp = { address = "203.0.113.7", weight = 1 } }
  }

  expect_failures = [var.clusters]
}

run "refuses_a_weight_above_255" {
  command = plan

  variables {
    clusters = { aws = { address = "203.0.113.7", weight = 256 } }
  }

  expect_failures = [var.clusters]
}

run "refuses_a_weight_below_0" {
  command = plan

  variables {
    clusters = { aws = { address = "203.0.113.7", weight = -1 }, gcp = { address = "203.0.113.8", weight = 1 } }
  }

  expect_failures = [var.clusters]
}

run "refuses_half_a_weight" {
  command = plan

  variables {
    clusters = { aws = { address = "203.0.113.7", weight = 0.5 } }
  }

  expect_failures = [var.clusters]
}

run "refuses_no_weight_above_0" {
  command = plan

  variables {
    clusters = { aws = { address = "203.0.113.7", weight = 0 } }
  }

  expect_failures = [var.clusters]
}

run "refuses_a_health_check_of_something_else" {
  command = plan

  variables {
    health = { asks = "pod" }
  }

  expect_failures = [var.health]
}

run "refuses_a_path_that_is_none" {
  command = plan

  variables {
    health = { path = "v2" }
  }

  expect_failures = [var.health]
}

run "refuses_an_interval_that_route_53_does_not_have" {
  command = plan

  variables {
    health = { interval_seconds = 20 }
  }

  expect_failures = [var.health]
}

run "refuses_no_failure_at_all" {
  command = plan

  variables {
    health = { failures = 0 }
  }

  expect_failures = [var.health]
}

run "refuses_a_ttl_of_an_hour" {
  command = plan

  variables {
    ttl_seconds = 3600
  }

  expect_failures = [var.ttl_seconds]
}
