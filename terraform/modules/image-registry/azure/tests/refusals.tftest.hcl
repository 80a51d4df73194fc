mock_provider "azurerm" {}

variables {
  name    = "digits-prod"
  region  = "germanywestcentral"
  pullers = ["00000000-0000-0000-0000-000000000001"]
}

run "refuses_a_name_of_2_characters" {
  command = plan

  variables {
    name = "ab"
  }

  expect_failures = [var.name]
}

run "refuses_a_name_of_21_characters" {
  command = plan

  variables {
    name = "digits-of-the-world-1"
  }

  expect_failures = [var.name]
}

run "refuses_a_name_in_upper_case" {
  command = plan

  variables {
    name = "Digits"
  }

  expect_failures = [var.name]
}

run "refuses_a_region_without_zones" {
  command = plan

  variables {
    region = "westus"
  }

  expect_failures = [var.region]
}

run "refuses_a_puller_by_its_name" {
  command = plan

  variables {
    pullers = ["digits-prod-nodes"]
  }

  expect_failures = [var.pullers]
}

run "refuses_a_puller_twice" {
  command = plan

  variables {
    pullers = ["00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000001"]
  }

  expect_failures = [var.pullers]
}

run "refuses_no_image" {
  command = plan

  variables {
    images = []
  }

  expect_failures = [var.images]
}

run "refuses_an_image_with_a_tag" {
  command = plan

  variables {
    images = ["serve:0.1.0"]
  }

  expect_failures = [var.images]
}

run "refuses_to_keep_no_image" {
  command = plan

  variables {
    keep_images = 0
  }

  expect_failures = [var.keep_images]
}

run "refuses_to_keep_half_an_image" {
  command = plan

  variables {
    keep_images = 1.5
  }

  expect_failures = [var.keep_images]
}
