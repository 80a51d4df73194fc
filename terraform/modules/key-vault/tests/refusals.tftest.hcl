mock_provider "azurerm" {}

variables {
  name           = "digits-prod"
  purpose        = "cluster"
  resource_group = { name = "digits-prod", region = "germanywestcentral" }
  keys           = ["disks"]
  users          = {}
}

run "refuses_a_name_of_21_characters" {
  command = plan

  variables {
    name = "digits-of-the-world-1"
  }

  expect_failures = [var.name]
}

run "refuses_a_purpose_with_a_digit" {
  command = plan

  variables {
    purpose = "cluster2"
  }

  expect_failures = [var.purpose]
}

run "refuses_a_region_by_its_long_name" {
  command = plan

  variables {
    resource_group = { name = "digits-prod", region = "Germany West Central" }
  }

  expect_failures = [var.resource_group]
}

run "refuses_no_key" {
  command = plan

  variables {
    keys = []
  }

  expect_failures = [var.keys]
}

run "refuses_a_key_in_upper_case" {
  command = plan

  variables {
    keys = ["Disks"]
  }

  expect_failures = [var.keys]
}

run "refuses_a_user_of_no_key" {
  command = plan

  variables {
    users = { etcd = { key = "etcd", principal_id = "00000000-0000-0000-0000-000000000001" } }
  }

  expect_failures = [var.users]
}

run "refuses_a_user_that_would_manage_keys" {
  command = plan

  variables {
    users = { disks = { key = "disks", principal_id = "00000000-0000-0000-0000-000000000001", role = "Key Vault Administrator" } }
  }

  expect_failures = [var.users]
}

run "refuses_to_wait_an_hour" {
  command = plan

  variables {
    settle_seconds = 3600
  }

  expect_failures = [var.settle_seconds]
}
