mock_provider "google" {
  source = "./tests/mocks"
}

variables {
  name    = "shop"
  region  = "europe-west3"
  network = { cidr = "10.20.0.0/16" }
}

run "destroy_refuses_unless_told_otherwise" {
  assert {
    condition     = terraform_data.deletion_protection.output && google_container_cluster.this.deletion_protection
    error_message = "Protection was to be on."
  }
}

# the end of this file is a destroy, which passes
run "destroy_passes_where_told" {
  variables {
    deletion_protection = false
  }

  assert {
    condition     = !terraform_data.deletion_protection.output && !google_container_cluster.this.deletion_protection
    error_message = "Protection was to be off."
  }
}
