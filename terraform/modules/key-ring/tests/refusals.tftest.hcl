mock_provider "google" {}

variables {
  name    = "shop"
  purpose = "store"
  region  = "europe-west3"
  keys    = { store = "service-1@gs-project-accounts.iam.gserviceaccount.com" }
}

run "refuses_a_name_of_21_characters" {
  command = plan

  variables {
    name = "a23456789012345678901"
  }

  expect_failures = [var.name]
}

run "refuses_a_purpose_with_a_digit" {
  command = plan

  variables {
    purpose = "store2"
  }

  expect_failures = [var.purpose]
}

run "refuses_a_zone" {
  command = plan

  variables {
    region = "europe-west3-a"
  }

  expect_failures = [var.region]
}

run "refuses_no_key" {
  command = plan

  variables {
    keys = {}
  }

  expect_failures = [var.keys]
}

run "refuses_a_key_in_upper_case" {
  command = plan

  variables {
    keys = { Store = "service-1@gs-project-accounts.iam.gserviceaccount.com" }
  }

  expect_failures = [var.keys]
}

run "refuses_an_agent_that_is_written_as_a_member" {
  command = plan

  variables {
    keys = { store = "serviceAccount:service-1@gs-project-accounts.iam.gserviceaccount.com" }
  }

  expect_failures = [var.keys]
}
