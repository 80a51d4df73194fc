mock_provider "azurerm" {}
mock_provider "helm" {}
mock_provider "kubectl" {}

override_module {
  target = module.cluster
  outputs = {
    name               = "digits-prod"
    region             = "germanywestcentral"
    kubernetes_version = "1.34"
    access             = { host = "https://cluster.test", cluster_ca_certificate = "PEM", exec = { command = "token", args = ["get"] } }
    identity           = { cluster = "digits-prod", issuer = "https://issuer.test" }
    image_puller       = "00000000-0000-0000-0000-000000000001"
    network            = { id = "network-1", cidr = "10.30.0.0/16" }
  }
}

override_module {
  target = module.storage
  outputs = {
    store            = "az://digitsprod/models"
    environment      = { POORWILL_STORE = "az://digitsprod/models" }
    service_accounts = { poorwill-predictor = { annotations = {} }, poorwill-deploy = { annotations = {} }, poorwill-pipeline = { annotations = {} } }
    pod_labels       = { "azure.workload.identity/use" = "true" }
    bucket           = "digits-prod-models"
  }
}

override_module {
  target = module.image_registry
  outputs = {
    registry = "digitsprod0a1b2c3d.azurecr.io"
    images   = { serve = "digitsprod0a1b2c3d.azurecr.io/serve", deploy = "digitsprod0a1b2c3d.azurecr.io/deploy", train = "digitsprod0a1b2c3d.azurecr.io/train" }
    login    = "login"
  }
}

variables {
  name            = "digits-prod"
  region          = "germanywestcentral"
  subscription_id = "00000000-1111-2222-3333-444444444444"
  network         = { cidr = "10.30.0.0/16" }
  domain          = "models.example.com"
}

run "refuses_an_image_by_a_tag" {
  command = plan

  variables {
    images = { serve = "digitsprod0a1b2c3d.azurecr.io/serve:0.1.0" }
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
    images = { serve = "digitsprod0a1b2c3d.azurecr.io/serve@sha256:0000000000000000000000000000000000000000000000000000000000000001" }
    models = { digits = { registered_file = "tests/none.json", traffic = [{ version = 1, percent = 100 }] } }
  }

  expect_failures = [var.models]
}

run "refuses_a_file_that_holds_something_else" {
  command = plan

  variables {
    images = { serve = "digitsprod0a1b2c3d.azurecr.io/serve@sha256:0000000000000000000000000000000000000000000000000000000000000001" }
    models = { digits = { registered_file = "tests/wiring.tftest.hcl", traffic = [{ version = 1, percent = 100 }] } }
  }

  expect_failures = [var.models]
}

run "refuses_a_subscription_that_is_a_name" {
  command = plan

  variables {
    subscription_id = "Pay-As-You-Go"
  }

  expect_failures = [var.subscription_id]
}
