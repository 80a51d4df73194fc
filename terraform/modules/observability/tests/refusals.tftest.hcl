mock_provider "kubectl" {}
mock_provider "helm" {}

variables {
  models_namespace = "poorwill"
}

run "a_namespace_that_is_kubernetes_own" {
  command = plan

  variables {
    namespace = "kube-system"
  }

  expect_failures = [var.namespace]
}

run "one_namespace_for_models_and_prometheus" {
  command = plan

  variables {
    namespace = "poorwill"
  }

  expect_failures = [var.models_namespace]
}

run "half_a_day" {
  command = plan

  variables {
    retention_days = 0.5
  }

  expect_failures = [var.retention_days]
}

run "an_error_ratio_in_percent" {
  command = plan

  variables {
    error_ratio = 5
  }

  expect_failures = [var.error_ratio]
}
