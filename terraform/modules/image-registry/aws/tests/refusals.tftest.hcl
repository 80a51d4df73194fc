mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name    = "shop"
  region  = "eu-central-1"
  pullers = ["arn:aws:iam::111122223333:role/shop-eu-central-1-node"]
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
    region = "cn-north-1"
  }

  expect_failures = [var.region]
}

run "refuses_a_region_that_is_not_the_providers" {
  command = plan

  variables {
    region = "eu-west-1"
  }

  expect_failures = [aws_ecr_repository.this]
}

run "refuses_everybody_as_puller" {
  command = plan

  variables {
    pullers = ["*"]
  }

  expect_failures = [var.pullers]
}

run "refuses_a_whole_account_as_puller" {
  command = plan

  variables {
    pullers = ["arn:aws:iam::111122223333:root"]
  }

  expect_failures = [var.pullers]
}

run "refuses_no_image_at_all" {
  command = plan

  variables {
    images = []
  }

  expect_failures = [var.images]
}

run "refuses_an_image_with_a_tag" {
  command = plan

  variables {
    images = ["serve:1"]
  }

  expect_failures = [var.images]
}

run "refuses_no_image_to_be_kept" {
  command = plan

  variables {
    keep_images = 0
  }

  expect_failures = [var.keep_images]
}

run "refuses_half_an_image_to_be_kept" {
  command = plan

  variables {
    keep_images = 1.5
  }

  expect_failures = [var.keep_images]
}
