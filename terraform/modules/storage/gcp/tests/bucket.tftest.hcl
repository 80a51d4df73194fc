mock_provider "google" {
  override_during = plan

  mock_data "google_project" {
    defaults = { number = "111122223333" }
  }

  mock_data "google_storage_project_service_account" {
    defaults = { email_address = "service-111122223333@gs-project-accounts.iam.gserviceaccount.com" }
  }
}

override_module {
  target  = module.key_ring
  outputs = { keys = { store = "projects/shop-1234/locations/europe-west3/keyRings/r/cryptoKeys/store" } }
}

variables {
  name    = "shop"
  region  = "europe-west3"
  cluster = { cluster = "shop", issuer = "https://container.googleapis.com/v1/projects/shop-1234/locations/europe-west3/clusters/shop" }
  tags    = { team = "ml" }
}

run "the_bucket_is_the_projects_own" {
  command = plan

  assert {
    condition     = google_storage_bucket.this.name == "shop-111122223333-europe-west3" && google_storage_bucket.this.location == "EUROPE-WEST3"
    error_message = "The bucket's name was to hold project and region, and the bucket to lie in the region alone."
  }

  assert {
    condition     = google_storage_bucket.this.labels == tomap({ team = "ml", poorwill = "shop" })
    error_message = "The bucket was to bear the caller's labels and its own."
  }

  assert {
    condition     = !google_storage_bucket.this.force_destroy
    error_message = "Nothing was to be deleted with its content unless asked for."
  }

  assert {
    condition     = google_storage_bucket.this.public_access_prevention == "enforced"
    error_message = "The bucket was to be private."
  }

  assert {
    condition     = google_storage_bucket.this.uniform_bucket_level_access
    error_message = "There were to be no access lists."
  }

  assert {
    condition     = google_storage_bucket.this.versioning[0].enabled && google_storage_bucket.this.soft_delete_policy[0].retention_duration_seconds == 604800
    error_message = "What is overwritten was to be kept as a version, and what is deleted for good for a week."
  }
}

run "it_is_encrypted_with_the_customers_key" {
  command = plan

  assert {
    condition     = google_storage_bucket.this.encryption[0].default_kms_key_name == "projects/shop-1234/locations/europe-west3/keyRings/r/cryptoKeys/store"
    error_message = "Objects were to be encrypted with the key."
  }
}

run "old_things_go" {
  command = plan

  variables {
    keep_runs_days        = 7
    keep_overwritten_days = 14
  }

  assert {
    condition     = one(google_storage_bucket.this.lifecycle_rule[0].action).type == "Delete" && one(google_storage_bucket.this.lifecycle_rule[0].condition).age == 7
    error_message = "Runs were to go after a week."
  }

  assert {
    condition     = one(google_storage_bucket.this.lifecycle_rule[0].condition).matches_prefix == tolist(["runs/"]) && one(google_storage_bucket.this.lifecycle_rule[0].condition).with_state == "LIVE"
    error_message = "Nothing but runs was to go by its age."
  }

  assert {
    condition     = one(google_storage_bucket.this.lifecycle_rule[1].action).type == "Delete" && one(google_storage_bucket.this.lifecycle_rule[1].condition).days_since_noncurrent_time == 14
    error_message = "What was overwritten was to go after two weeks."
  }

  assert {
    condition     = one(google_storage_bucket.this.lifecycle_rule[1].condition).with_state == "ARCHIVED" && one(google_storage_bucket.this.lifecycle_rule[1].condition).age == null
    error_message = "Nothing that is current was to go with what was overwritten."
  }

  assert {
    condition     = one(google_storage_bucket.this.lifecycle_rule[2].action).type == "AbortIncompleteMultipartUpload" && one(google_storage_bucket.this.lifecycle_rule[2].condition).age == 3
    error_message = "Uploads that nobody ended were to go."
  }
}

run "it_deletes_its_content_where_asked_to" {
  command = plan

  variables {
    delete_with_content = true
  }

  assert {
    condition     = google_storage_bucket.this.force_destroy && google_storage_bucket.this.soft_delete_policy[0].retention_duration_seconds == 0
    error_message = "The bucket was to go with its content, and to leave nothing."
  }
}

run "the_longest_name_fits" {
  command = plan

  variables {
    name   = "a2345678901234567890"
    region = "northamerica-northeast1"
  }

  assert {
    condition     = length(google_storage_bucket.this.name) <= 63
    error_message = "The longest name was to fit."
  }
}

run "the_outputs_are_what_the_platform_takes" {
  command = plan

  assert {
    condition     = output.store == "gs://shop-111122223333-europe-west3" && output.bucket == "shop-111122223333-europe-west3"
    error_message = "The store was to be the bucket's URL."
  }

  assert {
    condition     = output.environment == { POORWILL_STORE = output.store }
    error_message = "Predictors were to be told of the store."
  }

  assert {
    condition     = keys(output.service_accounts) == ["poorwill-deploy", "poorwill-pipeline", "poorwill-predictor"]
    error_message = "All service accounts were to be told of."
  }

  assert {
    condition     = alltrue([for account in output.service_accounts : length(account.annotations) == 0]) && length(output.pod_labels) == 0
    error_message = "A principal wants no annotations and no labels."
  }
}
