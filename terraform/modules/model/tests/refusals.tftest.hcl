mock_provider "kubectl" {}

variables {
  name      = "digits"
  namespace = "poorwill"
  domain    = "models.example.com"
  registered = {
    model = "digits"
    versions = [
      { version = 1, digest = "sha256:aa", state = "live" },
      { version = 2, digest = "sha256:bb", state = "removed" },
      { version = 3, digest = "sha256:cc", state = "live" },
    ]
  }
  traffic = [{ version = 1, percent = 100 }]
}

run "percents_that_do_not_sum_to_100" {
  command = plan

  variables {
    traffic = [{ version = 1, percent = 90 }, { version = 3, percent = 9 }]
  }

  expect_failures = [var.traffic]
}

run "no_traffic_at_all" {
  command = plan

  variables {
    traffic = []
  }

  expect_failures = [var.traffic]
}

run "half_a_percent" {
  command = plan

  variables {
    traffic = [{ version = 1, percent = 99.5 }, { version = 3, percent = 0.5 }]
  }

  expect_failures = [var.traffic]
}

run "less_than_nothing" {
  command = plan

  variables {
    traffic = [{ version = 1, percent = 110 }, { version = 3, percent = -10 }]
  }

  expect_failures = [var.traffic]
}

run "one_version_twice" {
  command = plan

  variables {
    traffic = [{ version = 1, percent = 50 }, { version = 1, percent = 50 }]
  }

  expect_failures = [var.traffic]
}

run "a_version_that_is_not_registered" {
  command = plan

  variables {
    traffic = [{ version = 4, percent = 100 }]
  }

  expect_failures = [var.traffic]
}

run "a_version_that_was_removed" {
  command = plan

  variables {
    traffic = [{ version = 2, percent = 100 }]
  }

  expect_failures = [var.traffic]
}

run "the_versions_of_another_model" {
  command = plan

  variables {
    name = "letters"
  }

  expect_failures = [var.registered]
}

run "a_name_like_a_version_service" {
  command = plan

  variables {
    name       = "digits-v3"
    registered = { model = "digits-v3", versions = [{ version = 1, digest = "sha256:aa", state = "live" }] }
  }

  expect_failures = [var.name]
}

run "a_name_like_a_revision" {
  command = plan

  variables {
    name       = "digits-00001"
    registered = { model = "digits-00001", versions = [{ version = 1, digest = "sha256:aa", state = "live" }] }
  }

  expect_failures = [var.name]
}

run "a_name_like_a_tags_host" {
  command = plan

  variables {
    name       = "v1-digits"
    registered = { model = "v1-digits", versions = [{ version = 1, digest = "sha256:aa", state = "live" }] }
  }

  expect_failures = [var.name]
}

run "a_name_that_is_no_label" {
  command = plan

  variables {
    name       = "Digits"
    registered = { model = "Digits", versions = [{ version = 1, digest = "sha256:aa", state = "live" }] }
  }

  expect_failures = [var.name]
}

run "a_name_that_is_too_long" {
  command = plan

  variables {
    name       = "a2345678901234567890123456789012345678901"
    registered = { model = "a2345678901234567890123456789012345678901", versions = [{ version = 1, digest = "sha256:aa", state = "live" }] }
  }

  expect_failures = [var.name]
}

run "an_image_by_its_tag" {
  command = plan

  variables {
    image = "registry.example/serve:0.1.0"
  }

  expect_failures = [var.image]
}

run "an_owner_that_nobody_is" {
  command = plan

  variables {
    split_owner = "flagger"
  }

  expect_failures = [var.split_owner]
}

run "a_namespace_that_is_no_label" {
  command = plan

  variables {
    namespace = "my models"
  }

  expect_failures = [var.namespace]
}

run "a_domain_with_a_scheme" {
  command = plan

  variables {
    domain = "https://models.example.com"
  }

  expect_failures = [var.domain]
}

run "a_component_that_is_not_there" {
  command = plan

  variables {
    components = ["authentication/passwords"]
  }

  expect_failures = [var.components]
}

run "more_pods_at_least_than_at_most" {
  command = plan

  variables {
    scale = { min = 3, max = 2 }
  }

  expect_failures = [var.scale]
}
