variables {
  access    = { kubeconfig = "/dev/null" }
  namespace = "poorwill"
  objects   = ["routes.serving.knative.dev/digits"]
  written   = "1"
}

run "two_ways_to_one_cluster" {
  command = plan

  variables {
    access = { kubeconfig = "/dev/null", host = "https://127.0.0.1" }
  }

  expect_failures = [var.access]
}

run "no_way_to_a_cluster" {
  command = plan

  variables {
    access = {}
  }

  expect_failures = [var.access]
}

run "a_namespace_that_is_no_label" {
  command = plan

  variables {
    namespace = "my models"
  }

  expect_failures = [var.namespace]
}

run "nothing_to_wait_for" {
  command = plan

  variables {
    objects = []
  }

  expect_failures = [var.objects]
}

run "an_object_that_kubectl_could_not_name" {
  command = plan

  variables {
    objects = ["routes digits"]
  }

  expect_failures = [var.objects]
}

run "a_wait_without_end" {
  command = plan

  variables {
    wait_seconds = 7200
  }

  expect_failures = [var.wait_seconds]
}

run "a_no_that_is_believed_at_once" {
  command = plan

  variables {
    settle_seconds = 0
  }

  expect_failures = [var.settle_seconds]
}
