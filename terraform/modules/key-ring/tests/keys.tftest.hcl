mock_provider "google" {
  mock_resource "google_kms_key_ring" {
    defaults = { id = "projects/shop-1234/locations/europe-west3/keyRings/r" }
  }
}

variables {
  name    = "shop"
  purpose = "store"
  region  = "europe-west3"
  keys    = { store = "service-111122223333@gs-project-accounts.iam.gserviceaccount.com" }
  tags    = { team = "ml" }
}

run "each_service_agent_has_its_own_key" {
  variables {
    keys = { disks = "service-1@compute-system.iam.gserviceaccount.com", secrets = "service-1@container-engine-robot.iam.gserviceaccount.com" }
  }

  assert {
    condition     = { for name, user in google_kms_crypto_key_iam_member.user : name => user.member } == { disks = "serviceAccount:service-1@compute-system.iam.gserviceaccount.com", secrets = "serviceAccount:service-1@container-engine-robot.iam.gserviceaccount.com" }
    error_message = "A key was to be its own service agent's, and nobody else's."
  }

  assert {
    condition     = alltrue([for name, user in google_kms_crypto_key_iam_member.user : user.crypto_key_id == google_kms_crypto_key.this[name].id && user.role == "roles/cloudkms.cryptoKeyEncrypterDecrypter"])
    error_message = "An agent was to encrypt and decrypt, and not to manage the key."
  }

  assert {
    condition     = output.keys == { for name, key in google_kms_crypto_key.this : name => key.id }
    error_message = "The keys' ids were to be given out."
  }
}

run "a_key_is_rotated_and_kept_for_a_while_after_its_end" {
  assert {
    condition     = google_kms_crypto_key.this["store"].rotation_period == "7776000s" && google_kms_crypto_key.this["store"].destroy_scheduled_duration == "2592000s"
    error_message = "A key was to be rotated each 90 days, and to be had back for 30."
  }

  assert {
    condition     = google_kms_crypto_key.this["store"].labels == tomap({ team = "ml", poorwill = "shop" })
    error_message = "A key was to bear the caller's labels and its own."
  }
}

run "a_ring_has_a_name_that_was_never_used" {
  assert {
    condition     = can(regex("^shop-store-20[0-9]{12}$", google_kms_key_ring.this.name)) && endswith(google_kms_key_ring.this.name, "-${output.made}")
    error_message = "The ring's name was to hold the time of its making."
  }

  assert {
    condition     = google_kms_key_ring.this.location == "europe-west3"
    error_message = "The ring was to lie in the region."
  }
}

run "the_longest_name_fits" {
  variables {
    name    = "a2345678901234567890"
    purpose = "abcdefghijklmnopqrst"
  }

  assert {
    condition     = length(google_kms_key_ring.this.name) <= 63
    error_message = "The longest name was to fit."
  }
}
