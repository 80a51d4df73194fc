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

run "nobody_reaches_the_api_from_outside_unless_asked_for" {
  command = plan

  assert {
    condition     = google_container_cluster.this.private_cluster_config[0].enable_private_nodes && google_container_cluster.this.private_cluster_config[0].enable_private_endpoint
    error_message = "Nodes and the API server were to have private addresses alone."
  }

  assert {
    condition     = length(google_container_cluster.this.master_authorized_networks_config[0].cidr_blocks) == 0
    error_message = "Nobody outside the network was to reach the API server."
  }
}

run "the_ranges_that_are_named_reach_the_api" {
  command = plan

  variables {
    api_access_cidrs = ["203.0.113.0/24", "198.51.100.7/32"]
  }

  assert {
    condition     = !google_container_cluster.this.private_cluster_config[0].enable_private_endpoint && google_container_cluster.this.private_cluster_config[0].enable_private_nodes
    error_message = "The API server was to have a public address, and nodes still none."
  }

  assert {
    condition     = toset([for block in google_container_cluster.this.master_authorized_networks_config[0].cidr_blocks : block.cidr_block]) == toset(["203.0.113.0/24", "198.51.100.7/32"])
    error_message = "The ranges that are named were to reach the API server, and no others."
  }

  assert {
    condition     = !google_container_cluster.this.master_authorized_networks_config[0].gcp_public_cidrs_access_enabled
    error_message = "Other customers' machines in Google Cloud were not to reach the API server."
  }
}

run "the_cluster_is_regional_and_of_the_version" {
  command = plan

  variables {
    kubernetes_version = "1.34"
  }

  assert {
    condition     = google_container_cluster.this.location == "europe-west3" && google_container_cluster.this.node_locations == toset(["europe-west3-a", "europe-west3-b", "europe-west3-c"])
    error_message = "The control plane was to be the region's, and nodes to be in three zones."
  }

  assert {
    condition     = google_container_cluster.this.min_master_version == "1.34" && google_container_cluster.this.release_channel[0].channel == "STABLE"
    error_message = "The version was to be the caller's, and upgrades to come late."
  }

  assert {
    condition     = google_container_cluster.this.resource_labels == tomap({ team = "ml", poorwill = "shop" })
    error_message = "The cluster was to bear the caller's labels and its own."
  }
}

run "only_tokens_open_it_and_pods_have_identities" {
  command = plan

  assert {
    condition     = !google_container_cluster.this.master_auth[0].client_certificate_config[0].issue_client_certificate
    error_message = "There was to be no client certificate."
  }

  assert {
    condition     = google_container_cluster.this.workload_identity_config[0].workload_pool == "shop-1234.svc.id.goog"
    error_message = "Pods were to have identities of the project's pool."
  }

  assert {
    condition     = google_container_cluster.this.datapath_provider == "ADVANCED_DATAPATH"
    error_message = "Network policies were to hold."
  }
}

run "secrets_are_encrypted_with_the_customers_key" {
  command = plan

  assert {
    condition     = google_container_cluster.this.database_encryption[0].state == "ENCRYPTED" && google_container_cluster.this.database_encryption[0].key_name == "key-of-secrets"
    error_message = "What lies in etcd was to be encrypted with the key."
  }

  assert {
    condition = local.agents == {
      secrets = "service-111122223333@container-engine-robot.iam.gserviceaccount.com"
      disks   = "service-111122223333@compute-system.iam.gserviceaccount.com"
      logs    = "cmek-p111122223333@gcp-sa-logging.iam.gserviceaccount.com"
    }
    error_message = "Each key was to be the account's alone that encrypts with it."
  }
}

run "the_outputs_are_what_other_modules_take" {
  command = plan

  assert {
    condition     = output.name == "shop" && output.region == "europe-west3" && output.kubernetes_version == "1.35"
    error_message = "The cluster was to be told of, with the minor version that runs."
  }

  assert {
    condition     = output.access.host == "https://10.20.0.2" && output.access.cluster_ca_certificate == "an authority"
    error_message = "The API server's URL and authority were to be given out."
  }

  assert {
    condition     = output.access.exec.command == "gke-gcloud-auth-plugin" && length(output.access.exec.args) == 0
    error_message = "A token was to come from gcloud's plugin, whenever it is asked for."
  }

  assert {
    condition     = output.identity == { cluster = "shop", issuer = "https://container.googleapis.com/v1/projects/shop-1234/locations/europe-west3/clusters/shop" }
    error_message = "The issuer was to be the cluster's."
  }

  assert {
    condition     = output.image_puller == "shop-node@shop-1234.iam.gserviceaccount.com"
    error_message = "The nodes' account was to pull images."
  }

  assert {
    condition     = output.network == { id = "projects/shop-1234/global/networks/shop", cidr = "10.20.0.0/16" }
    error_message = "The network was to be told of."
  }
}
