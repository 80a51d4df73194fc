mock_provider "google" {
  override_during = plan

  mock_data "google_project" {
    defaults = { number = "111122223333" }
  }

  mock_resource "google_artifact_registry_repository" {
    defaults = { project = "shop-1234", name = "shop" }
  }
}

override_module {
  target  = module.key_ring
  outputs = { keys = { images = "projects/shop-1234/locations/europe-west3/keyRings/r/cryptoKeys/images" } }
}

variables {
  name    = "shop"
  region  = "europe-west3"
  pullers = ["shop-node@shop-1234.iam.gserviceaccount.com", "other-node@other-1234.iam.gserviceaccount.com"]
  tags    = { team = "ml" }
}

run "images_are_encrypted_with_the_customers_key" {
  command = plan

  assert {
    condition     = google_artifact_registry_repository.this.kms_key_name == "projects/shop-1234/locations/europe-west3/keyRings/r/cryptoKeys/images"
    error_message = "Images were to be encrypted with the key."
  }

  assert {
    condition     = local.agents == { images = "service-111122223333@gcp-sa-artifactregistry.iam.gserviceaccount.com" }
    error_message = "The key was to be Artifact Registry's, and nobody who pulls was to need a right to it."
  }
}

run "a_tag_is_one_image_for_good" {
  command = plan

  assert {
    condition     = google_artifact_registry_repository.this.format == "DOCKER" && google_artifact_registry_repository.this.docker_config[0].immutable_tags
    error_message = "Tags were to be immutable."
  }

  assert {
    condition     = google_artifact_registry_repository.this.vulnerability_scanning_config[0].enablement_config == "INHERITED"
    error_message = "Images were to be scanned where the project scans."
  }
}

run "the_pullers_pull_and_nobody_else" {
  command = plan

  assert {
    condition     = google_artifact_registry_repository_iam_binding.puller[0].role == "roles/artifactregistry.reader"
    error_message = "Pullers were to read, and not to write."
  }

  assert {
    condition     = google_artifact_registry_repository_iam_binding.puller[0].members == toset(["serviceAccount:shop-node@shop-1234.iam.gserviceaccount.com", "serviceAccount:other-node@other-1234.iam.gserviceaccount.com"])
    error_message = "The pullers were to be those of the caller's."
  }

  assert {
    condition     = google_artifact_registry_repository_iam_binding.puller[0].repository == "shop" && google_artifact_registry_repository_iam_binding.puller[0].location == "europe-west3"
    error_message = "Pullers were to reach this repository alone."
  }
}

run "nobody_pulls_where_nobody_is_named" {
  command = plan

  variables {
    pullers = []
  }

  assert {
    condition     = length(google_artifact_registry_repository_iam_binding.puller) == 0
    error_message = "There were to be no rights."
  }
}

run "old_images_that_no_tag_names_go" {
  command = plan

  variables {
    keep_images = 7
  }

  assert {
    condition     = [for policy in google_artifact_registry_repository.this.cleanup_policies : "${policy.condition[0].tag_state} ${policy.condition[0].older_than}" if policy.action == "DELETE"] == ["UNTAGGED 86400s"]
    error_message = "What no tag names was to go after a day, and nothing else."
  }

  assert {
    condition     = one([for policy in google_artifact_registry_repository.this.cleanup_policies : policy.most_recent_versions[0].keep_count if policy.action == "KEEP"]) == 7
    error_message = "The newest were to stay."
  }

  assert {
    condition     = !google_artifact_registry_repository.this.cleanup_policy_dry_run
    error_message = "Policies were to hold."
  }
}

run "the_outputs_are_what_make_image_takes" {
  command = plan

  variables {
    images = ["serve", "drift"]
  }

  assert {
    condition     = output.registry == "europe-west3-docker.pkg.dev/shop-1234/shop"
    error_message = "The registry was to be the repository's host and path."
  }

  assert {
    condition     = output.images == { drift = "europe-west3-docker.pkg.dev/shop-1234/shop/drift", serve = "europe-west3-docker.pkg.dev/shop-1234/shop/serve" }
    error_message = "Each target was to have its image."
  }

  assert {
    condition     = output.login == "gcloud auth print-access-token | docker login --username oauth2accesstoken --password-stdin europe-west3-docker.pkg.dev"
    error_message = "The login was to be the host's."
  }

  assert {
    condition     = google_artifact_registry_repository.this.labels == tomap({ team = "ml", poorwill = "shop" })
    error_message = "The repository was to bear the caller's labels and its own."
  }
}
