# With the modules as they are: their outputs are what the others take.
mock_provider "azurerm" {}
mock_provider "helm" {}
mock_provider "kubectl" {}

variables {
  name            = "digits-prod"
  region          = "germanywestcentral"
  subscription_id = "00000000-1111-2222-3333-444444444444"
  network         = { cidr = "10.30.0.0/16" }
  domain          = "models.example.com"
  tls             = { email = "you@example.com" }
  images = {
    serve  = "digitsprod0a1b2c3d.azurecr.io/serve@sha256:0000000000000000000000000000000000000000000000000000000000000001"
    deploy = "digitsprod0a1b2c3d.azurecr.io/deploy@sha256:0000000000000000000000000000000000000000000000000000000000000001"
  }
  models = {
    digits = {
      registered_file = "tests/digits.json"
      traffic         = [{ version = 1, percent = 90 }, { version = 2, percent = 10 }]
    }
  }
}

run "all_of_it_is_planned_together" {
  command = plan

  assert {
    condition     = output.kubeconfig_command == "az aks get-credentials --resource-group digits-prod --name digits-prod && kubelogin convert-kubeconfig -l azurecli"
    error_message = "cluster and resource group are called as all is"
  }

  assert {
    condition     = output.urls == { digits = "https://digits.poorwill.models.example.com" }
    error_message = "the model answers"
  }
}
