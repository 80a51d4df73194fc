# What the cloud's modules make is their own tests' affair: here they say what their outputs promise.
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

run "a_first_apply_makes_all_but_models" {
  command = plan

  assert {
    condition     = output.urls == {} && output.store == "s3://digits-prod-models" && output.images.serve == "123456789012.dkr.ecr.eu-central-1.amazonaws.com/digits-prod/serve"
    error_message = "where versions and images are pushed to is told"
  }

  assert {
    condition     = output.kubeconfig_command == "aws eks update-kubeconfig --region eu-central-1 --name digits-prod"
    error_message = "kubectl gets its kubeconfig from the cloud's own tool"
  }
}

run "a_second_apply_brings_a_models_split" {
  command = plan

  variables {
    tls    = { email = "you@example.com" }
    images = { serve = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/digits-prod/serve@sha256:0000000000000000000000000000000000000000000000000000000000000001", deploy = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/digits-prod/deploy@sha256:0000000000000000000000000000000000000000000000000000000000000001" }
    models = {
      digits = {
        registered_file = "tests/digits.json"
        traffic         = [{ version = 1, percent = 90 }, { version = 2, percent = 10 }]
      }
    }
  }

  assert {
    condition     = output.urls == { digits = "https://digits.poorwill.models.example.com" }
    error_message = "the model's stable URL"
  }

  assert {
    condition     = output.splits == { digits = { v1 = 90, v2 = 10 } }
    error_message = "percents as they were written"
  }

  assert {
    condition     = output.version_urls.digits.v2 == "https://v2-digits.poorwill.models.example.com"
    error_message = "each version has its own URL"
  }
}
