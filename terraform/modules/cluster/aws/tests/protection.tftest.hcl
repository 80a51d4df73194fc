mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name    = "shop"
  region  = "eu-central-1"
  network = { cidr = "10.10.0.0/16" }
}

run "destroy_refuses_unless_told_otherwise" {
  assert {
    condition     = terraform_data.deletion_protection.output && aws_kms_key.this.deletion_window_in_days == 30
    error_message = "Protection was to be on."
  }
}

# the end of this file is a destroy, which passes
run "destroy_passes_where_told" {
  variables {
    deletion_protection = false
  }

  assert {
    condition     = !terraform_data.deletion_protection.output && aws_kms_key.this.deletion_window_in_days == 7
    error_message = "Protection was to be off."
  }
}
