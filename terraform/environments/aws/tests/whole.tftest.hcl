# With the modules as they are: their outputs are what the others take.
mock_provider "aws" {
  override_during = plan
  source          = "../../modules/cluster/aws/tests/mocks"
}
mock_provider "helm" {}
mock_provider "kubectl" {}

variables {
  name    = "digits-prod"
  region  = "eu-central-1"
  network = { cidr = "10.10.0.0/16" }
  domain  = "models.example.com"
  tls     = { email = "you@example.com" }
  images = {
    serve  = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/digits-prod/serve@sha256:0000000000000000000000000000000000000000000000000000000000000001"
    deploy = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/digits-prod/deploy@sha256:0000000000000000000000000000000000000000000000000000000000000001"
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
    condition     = output.store == "s3://digits-prod-111122223333-eu-central-1"
    error_message = "the store is the module's bucket"
  }

  assert {
    condition     = output.images.serve == "111122223333.dkr.ecr.eu-central-1.amazonaws.com/digits-prod/serve"
    error_message = "images are those that README names"
  }

  assert {
    condition     = output.kubeconfig_command == "aws eks update-kubeconfig --region eu-central-1 --name digits-prod"
    error_message = "the cluster is called as all is"
  }

  assert {
    condition     = output.urls == { digits = "https://digits.poorwill.models.example.com" }
    error_message = "the model answers"
  }
}
