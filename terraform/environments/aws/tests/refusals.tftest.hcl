mock_provider "aws" {}
mock_provider "helm" {}
mock_provider "kubectl" {}

override_module {
  target = module.cluster
  outputs = {
    name               = "digits-prod"
    region             = "eu-central-1"
    kubernetes_version = "1.34"
    access             = { host = "https://cluster.test", cluster_ca_certificate = "PEM", exec = { command = "token", args = ["get"] } }
    identity           = { cluster = "digits-prod", issuer = "https://issuer.test" }
    image_puller       = "arn:aws:iam::123456789012:role/digits-prod-node"
    network            = { id = "network-1", cidr = "10.10.0.0/16" }
  }
}

override_module {
  target = module.storage
  outputs = {
    store            = "s3://digits-prod-models"
    environment      = { POORWILL_STORE = "s3://digits-prod-models", AWS_REGION = "eu-central-1" }
    service_accounts = { poorwill-predictor = { annotations = {} }, poorwill-deploy = { annotations = {} }, poorwill-pipeline = { annotations = {} } }
    pod_labels       = {}
    bucket           = "digits-prod-models"
  }
}

override_module {
  target = module.image_registry
  outputs = {
    registry = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/digits-prod"
    images   = { serve = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/digits-prod/serve", deploy = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/digits-prod/deploy", train = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/digits-prod/train" }
    login    = "login"
  }
}

variables {
  name    = "digits-prod"
  region  = "eu-central-1"
  network = { cidr = "10.10.0.0/16" }
  domain  = "models.example.com"
}

run "refuses_an_image_by_a_tag" {
  command = plan

  variables {
    images = { serve = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/digits-prod/serve:0.1.0" }
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
    images = { serve = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/digits-prod/serve@sha256:0000000000000000000000000000000000000000000000000000000000000001" }
    models = { digits = { registered_file = "tests/none.json", traffic = [{ version = 1, percent = 100 }] } }
  }

  expect_failures = [var.models]
}

run "refuses_a_file_that_holds_something_else" {
  command = plan

  variables {
    images = { serve = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/digits-prod/serve@sha256:0000000000000000000000000000000000000000000000000000000000000001" }
    models = { digits = { registered_file = "tests/wiring.tftest.hcl", traffic = [{ version = 1, percent = 100 }] } }
  }

  expect_failures = [var.models]
}
