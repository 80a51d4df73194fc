# What the cloud's modules make is their own tests' affair: here they say what their outputs promise.
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

run "a_first_apply_makes_all_but_models" {
  command = plan

  assert {
    condition     = output.urls == {} && output.store == "az://digitsprod/models" && output.images.serve == "digitsprod0a1b2c3d.azurecr.io/serve"
    error_message = "where versions and images are pushed to is told"
  }

  assert {
    condition     = output.kubeconfig_command == "az aks get-credentials --resource-group digits-prod --name digits-prod && kubelogin convert-kubeconfig -l azurecli"
    error_message = "kubectl gets its kubeconfig from the cloud's own tool"
  }
}

run "a_second_apply_brings_a_models_split" {
  command = plan

  variables {
    tls    = { email = "you@example.com" }
    images = { serve = "digitsprod0a1b2c3d.azurecr.io/serve@sha256:0000000000000000000000000000000000000000000000000000000000000001", deploy = "digitsprod0a1b2c3d.azurecr.io/deploy@sha256:0000000000000000000000000000000000000000000000000000000000000001" }
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
