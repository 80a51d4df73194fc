mock_provider "kubectl" {}
mock_provider "helm" {}

variables {
  cloud       = "aws"
  domain      = "models.example.com"
  environment = { POORWILL_STORE = "s3://models" }
}

run "a_cloud_without_an_overlay" {
  command = plan

  variables {
    cloud = "oracle"
  }

  expect_failures = [var.cloud]
}

run "a_domain_with_a_scheme" {
  command = plan

  variables {
    domain = "https://models.example.com"
  }

  expect_failures = [var.domain]
}

run "a_domain_with_a_port" {
  command = plan

  variables {
    domain = "models.example.com:8080"
  }

  expect_failures = [var.domain]
}

run "certificates_that_nobody_is_told_of" {
  command = plan

  variables {
    tls = { email = "nobody" }
  }

  expect_failures = [var.tls]
}

run "tls_on_a_knative_of_others" {
  command = plan

  variables {
    tls     = { email = "you@example.com" }
    knative = false
  }

  expect_failures = [var.tls]
}

run "a_namespace_of_knatives" {
  command = plan

  variables {
    namespace = "knative-serving"
  }

  expect_failures = [var.namespace]
}

run "no_store" {
  command = plan

  variables {
    environment = { AWS_REGION = "eu-central-1" }
  }

  expect_failures = [var.environment]
}

run "a_key_in_a_config_map" {
  command = plan

  variables {
    environment = { POORWILL_STORE = "s3://models", AWS_SECRET_ACCESS_KEY = "x" }
  }

  expect_failures = [var.environment]
}

run "an_account_that_is_not_poorwills" {
  command = plan

  variables {
    service_accounts = { default = { annotations = {} } }
  }

  expect_failures = [var.service_accounts]
}

run "an_image_by_its_tag" {
  command = plan

  variables {
    deploy = { image = "registry.example/deploy:0.1.0" }
  }

  expect_failures = [var.deploy]
}
