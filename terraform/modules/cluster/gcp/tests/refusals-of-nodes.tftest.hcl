mock_provider "google" {
  source = "./tests/mocks"
}

variables {
  name    = "shop"
  region  = "europe-west3"
  network = { cidr = "10.20.0.0/16" }
}

run "refuses_a_machine_type_of_another_cloud" {
  command = plan

  variables {
    always_on = { machine_type = "m6i.large" }
  }

  expect_failures = [var.always_on]
}

run "refuses_an_arm_machine" {
  command = plan

  variables {
    always_on = { machine_type = "t2a-standard-4" }
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

run "refuses_more_than_20_always_on_nodes" {
  command = plan

  variables {
    always_on = { nodes = 21 }
  }

  expect_failures = [var.always_on]
}

run "refuses_spot_nodes_of_no_type" {
  command = plan

  variables {
    spot = { machine_types = [] }
  }

  expect_failures = [var.spot]
}

run "refuses_an_arm_spot_machine" {
  command = plan

  variables {
    spot = { machine_types = ["e2-standard-4", "c4a-standard-4"] }
  }

  expect_failures = [var.spot]
}

run "refuses_a_spot_type_twice" {
  command = plan

  variables {
    spot = { machine_types = ["e2-standard-4", "e2-standard-4"] }
  }

  expect_failures = [var.spot]
}

run "refuses_fewer_spot_nodes_than_types" {
  command = plan

  variables {
    spot = { machine_types = ["e2-standard-4", "n2-standard-4"], nodes_max = 1 }
  }

  expect_failures = [var.spot]
}

run "refuses_no_spot_node" {
  command = plan

  variables {
    spot = { nodes_max = 0 }
  }

  expect_failures = [var.spot]
}

run "refuses_more_than_100_spot_nodes" {
  command = plan

  variables {
    spot = { nodes_max = 101 }
  }

  expect_failures = [var.spot]
}

run "refuses_half_a_spot_node" {
  command = plan

  variables {
    spot = { nodes_max = 2.5 }
  }

  expect_failures = [var.spot]
}

run "refuses_more_nodes_than_the_network_has_room_for" {
  command = plan

  variables {
    network = { cidr = "10.20.0.0/20" }
    spot    = { nodes_max = 13 }
  }

  expect_failures = [var.spot]
}

run "takes_as_many_nodes_as_the_network_has_room_for" {
  command = plan

  variables {
    network = { cidr = "10.20.0.0/20" }
    spot    = { nodes_max = 12 }
  }

  assert {
    condition     = google_container_node_pool.this["spot-e2-standard-4"].autoscaling[0].total_max_node_count == 12
    error_message = "A small network was to have room for 14 nodes."
  }
}
