mock_provider "azurerm" {}

variables {
  name    = "digits-prod"
  region  = "germanywestcentral"
  cluster = { cluster = "digits-prod", issuer = "https://germanywestcentral.oic.prod-aks.azure.com/tenant/cluster/" }
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

run "refuses_a_cluster_without_an_issuer" {
  command = plan

  variables {
    cluster = { cluster = "digits-prod", issuer = "" }
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

run "refuses_a_reader_with_its_namespace" {
  command = plan

  variables {
    readers = ["poorwill/poorwill-predictor"]
  }

  expect_failures = [var.readers]
}

run "refuses_a_reader_that_writes" {
  command = plan

  variables {
    readers = ["poorwill-pipeline"]
  }

  expect_failures = [var.readers]
}

run "refuses_more_readers_than_an_identity_can_be" {
  command = plan

  variables {
    readers = [for number in range(21) : "reader-${number}"]
  }

  expect_failures = [var.readers]
}

run "refuses_a_writer_in_upper_case" {
  command = plan

  variables {
    writers = ["Pipeline"]
  }

  expect_failures = [var.writers]
}

run "refuses_more_writers_than_an_identity_can_be" {
  command = plan

  variables {
    writers = [for number in range(21) : "writer-${number}"]
  }

  expect_failures = [var.writers]
}

run "refuses_runs_that_go_at_once" {
  command = plan

  variables {
    keep_runs_days = 0
  }

  expect_failures = [var.keep_runs_days]
}

run "refuses_half_a_day" {
  command = plan

  variables {
    keep_runs_days = 1.5
  }

  expect_failures = [var.keep_runs_days]
}

run "refuses_overwritten_versions_that_go_at_once" {
  command = plan

  variables {
    keep_overwritten_days = 0
  }

  expect_failures = [var.keep_overwritten_days]
}

run "refuses_more_days_than_azure_keeps_what_was_deleted" {
  command = plan

  variables {
    keep_overwritten_days = 366
  }

  expect_failures = [var.keep_overwritten_days]
}
