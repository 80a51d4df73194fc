# What the cloud's modules make is their own tests' affair: here they say what their outputs promise.
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

run "a_first_apply_makes_all_but_models" {
  command = plan

  assert {
    condition     = output.urls == {} && output.store == "gs://digits-prod-models" && output.images.serve == "europe-west3-docker.pkg.dev/digits-prod-1234/digits-prod/serve"
    error_message = "where versions and images are pushed to is told"
  }

  assert {
    condition     = output.kubeconfig_command == "gcloud container clusters get-credentials digits-prod --project digits-prod-1234 --location europe-west3"
    error_message = "kubectl gets its kubeconfig from the cloud's own tool"
  }
}

run "a_second_apply_brings_a_models_split" {
  command = plan

  variables {
    tls    = { email = "you@example.com" }
    images = { serve = "europe-west3-docker.pkg.dev/digits-prod-1234/digits-prod/serve@sha256:0000000000000000000000000000000000000000000000000000000000000001", deploy = "europe-west3-docker.pkg.dev/digits-prod-1234/digits-prod/deploy@sha256:0000000000000000000000000000000000000000000000000000000000000001" }
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
