mock_provider "kubectl" {}
mock_provider "helm" {}

variables {
  kubeconfig = "tests/digits.json" # a file that is there; a mocked provider reads none
  models = {
    digits = {
      registered_file = "tests/digits.json"
      traffic         = [{ version = 1, percent = 90 }, { version = 2, percent = 10 }]
    }
  }
}

run "a_model_has_its_url_and_its_split" {
  command = plan

  assert {
    condition     = output.urls == { digits = "http://digits.poorwill.poorwill.localhost:8090" }
    error_message = "wanted the twin's URL"
  }
  assert {
    condition     = output.splits == { digits = { v1 = 90, v2 = 10 } }
    error_message = "wanted the split as written"
  }
}

run "refuses_a_kubeconfig_that_is_not_there" {
  command = plan

  variables {
    kubeconfig = "nowhere/kubeconfig"
  }

  expect_failures = [var.kubeconfig]
}

run "refuses_a_file_without_versions" {
  command = plan

  variables {
    models = { digits = { registered_file = "versions.tf", traffic = [{ version = 1, percent = 100 }] } }
  }

  expect_failures = [var.models]
}

run "refuses_one_model_by_two_names" {
  command = plan

  variables {
    models = {
      digits  = { registered_file = "tests/digits.json", traffic = [{ version = 1, percent = 100 }] }
      numbers = { registered_file = "tests/digits.json", traffic = [{ version = 2, percent = 100 }] }
    }
  }

  expect_failures = [var.models]
}
