mock_provider "google" {}

variables {
  name    = "shop"
  region  = "europe-west3"
  cluster = { cluster = "shop", issuer = "https://container.googleapis.com/v1/projects/shop-1234/locations/europe-west3/clusters/shop" }
}

run "refuses_a_name_that_is_too_long_for_one_of_the_clouds" {
  command = plan

  variables {
    name = "a23456789012345678901"
  }

  expect_failures = [var.name]
}

run "refuses_a_name_that_is_too_short" {
  command = plan

  variables {
    name = "ab"
  }

  expect_failures = [var.name]
}

run "refuses_a_name_in_upper_case" {
  command = plan

  variables {
    name = "Shop"
  }

  expect_failures = [var.name]
}

run "refuses_a_name_with_a_hyphen_at_its_end" {
  command = plan

  variables {
    name = "shop-"
  }

  expect_failures = [var.name]
}

run "refuses_a_name_that_cloud_storage_refuses" {
  command = plan

  variables {
    name = "my-google-shop"
  }

  expect_failures = [var.name]
}

run "refuses_a_region_without_the_services" {
  command = plan

  variables {
    region = "europe-west7"
  }

  expect_failures = [var.region]
}

run "refuses_a_cluster_of_another_cloud" {
  command = plan

  variables {
    cluster = { cluster = "shop", issuer = "https://oidc.eks.eu-central-1.amazonaws.com/id/1" }
  }

  expect_failures = [var.cluster]
}

run "refuses_a_namespace_that_is_no_label" {
  command = plan

  variables {
    namespace = "Poorwill"
  }

  expect_failures = [var.namespace]
}

run "refuses_a_reader_that_is_no_service_account" {
  command = plan

  variables {
    readers = ["system:node"]
  }

  expect_failures = [var.readers]
}

run "refuses_a_writer_that_is_no_service_account" {
  command = plan

  variables {
    writers = ["*"]
  }

  expect_failures = [var.writers]
}

run "refuses_an_account_that_is_reader_and_writer" {
  command = plan

  variables {
    readers = ["poorwill-pipeline"]
  }

  expect_failures = [var.readers]
}

run "refuses_runs_that_go_at_once" {
  command = plan

  variables {
    keep_runs_days = 0
  }

  expect_failures = [var.keep_runs_days]
}

run "refuses_runs_that_stay_for_longer_than_ten_years" {
  command = plan

  variables {
    keep_runs_days = 3651
  }

  expect_failures = [var.keep_runs_days]
}

run "refuses_half_a_day_for_runs" {
  command = plan

  variables {
    keep_runs_days = 0.5
  }

  expect_failures = [var.keep_runs_days]
}

run "refuses_what_is_overwritten_to_go_at_once" {
  command = plan

  variables {
    keep_overwritten_days = 0
  }

  expect_failures = [var.keep_overwritten_days]
}

run "refuses_half_a_day_for_what_is_overwritten" {
  command = plan

  variables {
    keep_overwritten_days = 1.5
  }

  expect_failures = [var.keep_overwritten_days]
}

run "refuses_a_tag_that_is_no_label" {
  command = plan

  variables {
    tags = { Team = "ml" }
  }

  expect_failures = [var.tags]
}

run "refuses_a_tag_whose_value_is_no_label" {
  command = plan

  variables {
    tags = { team = "Machine learning" }
  }

  expect_failures = [var.tags]
}
