mock_provider "google" {}

variables {
  name    = "shop"
  region  = "europe-west3"
  pullers = ["shop-node@shop-1234.iam.gserviceaccount.com"]
}

run "refuses_a_name_that_is_too_long_for_one_of_the_clouds" {
  command = plan

  variables {
    name = "a23456789012345678901"
  }

  expect_failures = [var.name]
}

run "refuses_a_name_that_begins_with_a_digit" {
  command = plan

  variables {
    name = "1shop"
  }

  expect_failures = [var.name]
}

run "refuses_a_region_without_the_services" {
  command = plan

  variables {
    region = "europe"
  }

  expect_failures = [var.region]
}

run "refuses_everybody_as_puller" {
  command = plan

  variables {
    pullers = ["allUsers"]
  }

  expect_failures = [var.pullers]
}

run "refuses_a_puller_that_is_written_as_a_member" {
  command = plan

  variables {
    pullers = ["serviceAccount:shop-node@shop-1234.iam.gserviceaccount.com"]
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

run "refuses_an_image_in_upper_case" {
  command = plan

  variables {
    images = ["Serve"]
  }

  expect_failures = [var.images]
}

run "refuses_to_keep_none" {
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

run "refuses_a_tag_that_is_no_label" {
  command = plan

  variables {
    tags = { team = "Machine learning" }
  }

  expect_failures = [var.tags]
}
