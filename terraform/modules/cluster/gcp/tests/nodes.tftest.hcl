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

run "always_on_nodes_are_shared_out_over_the_zones" {
  command = plan

  variables {
    always_on = { nodes = 5 }
  }

  assert {
    condition = { for name, pool in google_container_node_pool.this : name => { zones = pool.node_locations, nodes = pool.node_count } if startswith(name, "always-on") } == {
      always-on-a = { zones = toset(["europe-west3-a"]), nodes = 2 }
      always-on-b = { zones = toset(["europe-west3-b"]), nodes = 2 }
      always-on-c = { zones = toset(["europe-west3-c"]), nodes = 1 }
    }
    error_message = "There were to be five nodes, two at most in a zone."
  }

  assert {
    condition     = alltrue([for name, pool in google_container_node_pool.this : length(pool.autoscaling) == 0 && !pool.node_config[0].spot if startswith(name, "always-on")])
    error_message = "Always-on nodes were to stay."
  }
}

run "two_nodes_are_in_two_zones" {
  command = plan

  assert {
    condition     = keys(google_container_node_pool.this) == ["always-on-a", "always-on-b", "spot-e2-standard-4"]
    error_message = "There was to be no pool without a node, and one of spot nodes."
  }

  assert {
    condition     = toset([for pool in google_container_node_pool.this : pool.node_config[0].machine_type]) == toset(["e2-standard-4"])
    error_message = "Nodes were to be of the type that each region has."
  }
}

run "spot_nodes_come_from_zero_and_end_at_their_most" {
  command = plan

  variables {
    spot = { machine_types = ["e2-standard-4", "n2-standard-4"], nodes_max = 7 }
  }

  assert {
    condition     = { for name, pool in google_container_node_pool.this : name => pool.autoscaling[0].total_max_node_count if startswith(name, "spot") } == { spot-e2-standard-4 = 4, spot-n2-standard-4 = 3 }
    error_message = "The types were to share seven nodes."
  }

  assert {
    condition     = alltrue([for name, pool in google_container_node_pool.this : pool.autoscaling[0].total_min_node_count == 0 && pool.initial_node_count == 0 && pool.autoscaling[0].location_policy == "ANY" if startswith(name, "spot")])
    error_message = "There were to be no spot nodes before a pod wants one, and then wherever there is room."
  }

  assert {
    condition     = alltrue([for name, pool in google_container_node_pool.this : pool.node_config[0].spot && pool.node_locations == toset(["europe-west3-a", "europe-west3-b", "europe-west3-c"]) if startswith(name, "spot")])
    error_message = "They were to be spot nodes, in all zones."
  }

  assert {
    condition     = alltrue([for pool in google_container_node_pool.this : length(pool.node_config[0].taint) == 0])
    error_message = "No pod was to want a toleration."
  }
}

run "nodes_say_which_pool_they_are_of" {
  command = plan

  assert {
    condition     = { for name, pool in google_container_node_pool.this : name => pool.node_config[0].labels } == { always-on-a = tomap({ "poorwill.dev/pool" = "always-on" }), always-on-b = tomap({ "poorwill.dev/pool" = "always-on" }), spot-e2-standard-4 = tomap({ "poorwill.dev/pool" = "spot" }) }
    error_message = "Nodes were to bear their pool's label."
  }

  assert {
    condition     = alltrue([for pool in google_container_node_pool.this : pool.node_config[0].resource_labels == tomap({ team = "ml", poorwill = "shop" })])
    error_message = "Machines were to bear the caller's labels and their own."
  }
}

run "nodes_are_shielded_encrypted_and_keep_their_account_to_themselves" {
  command = plan

  assert {
    condition     = alltrue([for node in concat(values(google_container_node_pool.this), [google_container_cluster.this]) : node.node_config[0].boot_disk_kms_key == "key-of-disks"])
    error_message = "Disks were to be encrypted with the key."
  }

  assert {
    condition     = google_container_cluster.this.enable_shielded_nodes && alltrue([for node in concat(values(google_container_node_pool.this), [google_container_cluster.this]) : node.node_config[0].shielded_instance_config[0].enable_secure_boot && node.node_config[0].shielded_instance_config[0].enable_integrity_monitoring])
    error_message = "Nodes were to be shielded."
  }

  assert {
    condition     = alltrue([for node in concat(values(google_container_node_pool.this), [google_container_cluster.this]) : node.node_config[0].workload_metadata_config[0].mode == "GKE_METADATA"])
    error_message = "No pod was to get the node's token."
  }

  assert {
    condition     = alltrue([for node in concat(values(google_container_node_pool.this), [google_container_cluster.this]) : node.node_config[0].service_account == "shop-node@shop-1234.iam.gserviceaccount.com"])
    error_message = "Nodes were to have an account of their own."
  }

  assert {
    condition     = alltrue([for pool in google_container_node_pool.this : pool.management[0].auto_repair && pool.management[0].auto_upgrade && pool.upgrade_settings[0].max_unavailable == 0])
    error_message = "Nodes were to be repaired and patched, a new one before an old one."
  }
}

run "the_nodes_account_writes_logs_and_metrics_alone" {
  command = plan

  assert {
    condition     = google_service_account.node.account_id == "shop-node"
    error_message = "The account was to be called by the cluster."
  }

  assert {
    condition     = google_project_iam_member.node.role == "roles/container.defaultNodeServiceAccount" && google_project_iam_member.node.member == "serviceAccount:shop-node@shop-1234.iam.gserviceaccount.com" && google_project_iam_member.node.project == "shop-1234"
    error_message = "The account was to have what a node wants, and nothing else."
  }
}

run "newer_types_have_disks_of_theirs" {
  command = plan

  variables {
    always_on = { machine_type = "n4-standard-4", nodes = 1 }
    spot      = { machine_types = ["c4d-standard-4", "c3-standard-4"] }
  }

  assert {
    condition     = { for name, pool in google_container_node_pool.this : name => pool.node_config[0].disk_type } == { always-on-a = "hyperdisk-balanced", spot-c4d-standard-4 = "hyperdisk-balanced", spot-c3-standard-4 = "pd-balanced" }
    error_message = "Each type was to have a disk that it takes."
  }
}

run "the_longest_names_fit" {
  command = plan

  variables {
    name      = "a2345678901234567890"
    always_on = { nodes = 1 }
    spot      = { machine_types = ["a2345678-012345678901234567890"] }
  }

  assert {
    condition     = alltrue([for name in keys(google_container_node_pool.this) : length(name) <= 40]) && length(google_service_account.node.account_id) <= 30
    error_message = "The longest names were to fit."
  }
}
