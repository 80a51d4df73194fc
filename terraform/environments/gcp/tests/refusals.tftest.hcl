mock_provider "google" {}
mock_provider "helm" {}
mock_provider "kubectl" {}

override_module {
  target = module.cluster
  outputs = {
    name               = "digits-prod"
    region             = "europe-west3"
    kubernetes_version = "1.34"
    access             = { host = "https://cluster.test", cluster_ca_certificate = "PEM", exec = { command = "token", args = ["get"] } }
    identity           = { cluster = "digits-prod", issuer = "https://issuer.test" }
    image_puller       = "digits-prod-node@digits-prod-1234.iam.gserviceaccount.com"
    network            = { id = "network-1", cidr = "10.20.0.0/16" }
  }
}

override_module {
  target = module.storage
  outputs = {
    store            = "gs://digits-prod-models"
    environment      = { POORWILL_STORE = "gs://digits-prod-models" }
    service_accounts = { poorwill-predictor = { annotations = {} }, poorwill-deploy = { annotations = {} }, poorwill-pipeline = { annotations = {} } }
    pod_labels       = {}
    bucket           = "digits-prod-models"
  }
}

override_module {
  target = module.image_registry
  outputs = {
    registry = "europe-west3-docker.pkg.dev/digits-prod-1234/digits-prod"
    images   = { serve = "europe-west3-docker.pkg.dev/digits-prod-1234/digits-prod/serve", deploy = "europe-west3-docker.pkg.dev/digits-prod-1234/digits-prod/deploy", train = "europe-west3-docker.pkg.dev/digits-prod-1234/digits-prod/train" }
    login    = "login"
  }
}

variables {
  name    = "digits-prod"
  region  = "europe-west3"
  project = "digits-prod-1234"
  network = { cidr = "10.20.0.0/16" }
  domain  = "models.example.com"
}

run "refuses_an_image_by_a_tag" {
  command = plan

  variables {
    images = { serve = "europe-west3-docker.pkg.dev/digits-prod-1234/digits-prod/serve:0.1.0" }
  }

  expect_failures = [var.images]
}

run "refuses_models_without_an_image" {
  command = plan

  variables {
    models = {
      digits = {
        registered_file = "tests/digits.json"
        traffic         = [{ version = 1, percent = 90 }, { version = 2, percent = 10 }]
      }
    }
  }

  expect_failures = [var.images]
}

run "refuses_models_that_no_file_registers" {
  command = plan

  variables {
    images = { serve = "europe-west3-docker.pkg.dev/digits-prod-1234/digits-prod/serve@sha256:0000000000000000000000000000000000000000000000000000000000000001" }
    models = { digits = { registered_file = "tests/none.json", traffic = [{ version = 1, percent = 100 }] } }
  }

  expect_failures = [var.models]
}

run "refuses_a_file_that_holds_something_else" {
  command = plan

  variables {
    images = { serve = "europe-west3-docker.pkg.dev/digits-prod-1234/digits-prod/serve@sha256:0000000000000000000000000000000000000000000000000000000000000001" }
    models = { digits = { registered_file = "tests/wiring.tftest.hcl", traffic = [{ version = 1, percent = 100 }] } }
  }

  expect_failures = [var.models]
}

run "refuses_a_project_that_is_a_name" {
  command = plan

  variables {
    project = "Digits Prod"
  }

  expect_failures = [var.project]
}
