# With the modules as they are: their outputs are what the others take.
mock_provider "google" {
  override_during = plan
  source          = "../../modules/cluster/gcp/tests/mocks"
}
mock_provider "helm" {}
mock_provider "kubectl" {}

variables {
  name    = "digits-prod"
  region  = "europe-west3"
  project = "digits-prod-1234"
  network = { cidr = "10.20.0.0/16" }
  domain  = "models.example.com"
  tls     = { email = "you@example.com" }
  images = {
    serve  = "europe-west3-docker.pkg.dev/digits-prod-1234/digits-prod/serve@sha256:0000000000000000000000000000000000000000000000000000000000000001"
    deploy = "europe-west3-docker.pkg.dev/digits-prod-1234/digits-prod/deploy@sha256:0000000000000000000000000000000000000000000000000000000000000001"
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
    condition     = startswith(output.store, "gs://digits-prod")
    error_message = "the store is the module's bucket"
  }

  assert {
    condition     = output.kubeconfig_command == "gcloud container clusters get-credentials digits-prod --project digits-prod-1234 --location europe-west3"
    error_message = "the cluster is called as all is"
  }

  assert {
    condition     = output.urls == { digits = "https://digits.poorwill.models.example.com" }
    error_message = "the model answers"
  }
}
