# What the clouds' modules make is their own tests' affair: here they say what their outputs promise.
mock_provider "aws" {}
mock_provider "google" {}
mock_provider "azurerm" {}
mock_provider "helm" {
  alias = "aws"
}
mock_provider "helm" {
  alias = "gcp"
}
mock_provider "helm" {
  alias = "azure"
}
mock_provider "kubectl" {
  alias = "aws"
}
mock_provider "kubectl" {
  alias = "gcp"
}
mock_provider "kubectl" {
  alias = "azure"
}

override_module {
  target = module.aws_cluster
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
  target = module.aws_storage
  outputs = {
    store            = "s3://digits-prod-models"
    environment      = { POORWILL_STORE = "s3://digits-prod-models", AWS_REGION = "eu-central-1" }
    service_accounts = { poorwill-predictor = { annotations = {} }, poorwill-deploy = { annotations = {} }, poorwill-pipeline = { annotations = {} } }
    pod_labels       = {}
    bucket           = "digits-prod-models"
  }
}

override_module {
  target = module.aws_image_registry
  outputs = {
    registry = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/digits-prod"
    images   = { serve = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/digits-prod/serve", deploy = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/digits-prod/deploy", train = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/digits-prod/train" }
    login    = "login"
  }
}

override_module {
  target = module.gcp_cluster
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
  target = module.gcp_storage
  outputs = {
    store            = "gs://digits-prod-models"
    environment      = { POORWILL_STORE = "gs://digits-prod-models" }
    service_accounts = { poorwill-predictor = { annotations = {} }, poorwill-deploy = { annotations = {} }, poorwill-pipeline = { annotations = {} } }
    pod_labels       = {}
    bucket           = "digits-prod-models"
  }
}

override_module {
  target = module.gcp_image_registry
  outputs = {
    registry = "europe-west3-docker.pkg.dev/digits-prod-1234/digits-prod"
    images   = { serve = "europe-west3-docker.pkg.dev/digits-prod-1234/digits-prod/serve", deploy = "europe-west3-docker.pkg.dev/digits-prod-1234/digits-prod/deploy", train = "europe-west3-docker.pkg.dev/digits-prod-1234/digits-prod/train" }
    login    = "login"
  }
}

override_module {
  target = module.azure_cluster
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
  target = module.azure_storage
  outputs = {
    store            = "az://digitsprod/models"
    environment      = { POORWILL_STORE = "az://digitsprod/models" }
    service_accounts = { poorwill-predictor = { annotations = {} }, poorwill-deploy = { annotations = {} }, poorwill-pipeline = { annotations = {} } }
    pod_labels       = { "azure.workload.identity/use" = "true" }
    bucket           = "digits-prod-models"
  }
}

override_module {
  target = module.azure_image_registry
  outputs = {
    registry = "digitsprod0a1b2c3d.azurecr.io"
    images   = { serve = "digitsprod0a1b2c3d.azurecr.io/serve", deploy = "digitsprod0a1b2c3d.azurecr.io/deploy", train = "digitsprod0a1b2c3d.azurecr.io/train" }
    login    = "login"
  }
}

variables {
  name   = "digits-prod"
  domain = "models.example.com"
  tls    = { email = "you@example.com" }
  clouds = {
    aws = {
      region  = "eu-central-1"
      network = { cidr = "10.10.0.0/16" }
      image   = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/digits-prod/serve@sha256:0000000000000000000000000000000000000000000000000000000000000001"
    }
    gcp = {
      region  = "europe-west3"
      network = { cidr = "10.20.0.0/16" }
      project = "digits-prod-1234"
      image   = "europe-west3-docker.pkg.dev/digits-prod-1234/digits-prod/serve@sha256:0000000000000000000000000000000000000000000000000000000000000001"
    }
  }

  models = {
    digits = {
      registered_file = "tests/digits.json"
      traffic         = [{ version = 1, percent = 90 }, { version = 2, percent = 10 }]
    }
  }
  global = {
    zone  = "example.com"
    hosts = { digits = "digits.example.com" }
    clusters = {
      aws = { address = "a0123456789abcdef-1234567890.eu-central-1.elb.amazonaws.com", weight = 95 }
      gcp = { address = "203.0.113.7", weight = 5 }
    }
    health       = { asks = "gateway" }
    certificates = { digits = "digits-tls" }
  }
}

run "two_clouds_make_two_clusters_and_no_third" {
  command = plan

  variables {
    tls    = null
    models = {}
    global = null
  }

  assert {
    condition     = output.aws.store == "s3://digits-prod-models" && output.gcp.store == "gs://digits-prod-models" && output.azure == null
    error_message = "a cloud that is not named is not made"
  }

  assert {
    condition     = output.urls == {}
    error_message = "no name before the addresses are known"
  }
}

run "three_clouds_serve_a_model_by_one_split" {
  command = plan

  variables {
    global = null
    clouds = {
      aws = {
        region  = "eu-central-1"
        network = { cidr = "10.10.0.0/16" }
        image   = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/digits-prod/serve@sha256:0000000000000000000000000000000000000000000000000000000000000001"
      }
      gcp = {
        region  = "europe-west3"
        network = { cidr = "10.20.0.0/16" }
        project = "digits-prod-1234"
        image   = "europe-west3-docker.pkg.dev/digits-prod-1234/digits-prod/serve@sha256:0000000000000000000000000000000000000000000000000000000000000001"
      }
      azure = {
        region          = "germanywestcentral"
        network         = { cidr = "10.30.0.0/16" }
        subscription_id = "00000000-1111-2222-3333-444444444444"
        image           = "digitsprod0a1b2c3d.azurecr.io/serve@sha256:0000000000000000000000000000000000000000000000000000000000000001"
      }
    }
  }

  assert {
    condition = [for cloud in [output.aws, output.gcp, output.azure] : cloud.urls.digits] == [
      "https://digits.poorwill.aws.models.example.com", "https://digits.poorwill.gcp.models.example.com", "https://digits.poorwill.azure.models.example.com",
    ]
    error_message = "each cluster has a domain of its own"
  }
}

run "a_whole_cluster_is_a_canary_under_one_name" {
  command = plan

  assert {
    condition     = output.urls == { digits = "https://digits.example.com" } && output.percents == { digits = { aws = 95, gcp = 5 } }
    error_message = "95 of 100 callers go to one cluster, 5 to the other"
  }

  assert {
    condition     = toset(keys(module.aws_domain_mapping["digits"].urls)) == toset(["digits.example.com", "aws.digits.example.com"])
    error_message = "a cluster knows the name and its own host"
  }

  assert {
    condition     = toset(keys(module.gcp_domain_mapping["digits"].urls)) == toset(["digits.example.com", "gcp.digits.example.com"])
    error_message = "so does the canary"
  }
}

run "refuses_a_name_over_a_cloud_that_there_is_not" {
  command = plan

  variables {
    global = {
      zone  = "example.com"
      hosts = { digits = "digits.example.com" }
      clusters = {
        aws   = { address = "a0123456789abcdef-1234567890.eu-central-1.elb.amazonaws.com", weight = 95 }
        azure = { address = "203.0.113.7", weight = 5 }
      }
      health       = { asks = "gateway" }
      certificates = { digits = "digits-tls" }
    }

  }

  expect_failures = [var.global]
}

run "refuses_a_host_of_a_model_that_there_is_not" {
  command = plan

  variables {
    models = {}
  }

  expect_failures = [var.global]
}

run "refuses_a_name_without_tls" {
  command = plan

  variables {
    tls = null
  }

  expect_failures = [var.global]
}

run "refuses_models_that_no_file_registers" {
  command = plan

  variables {
    models = { digits = { registered_file = "tests/none.json", traffic = [{ version = 1, percent = 100 }] } }
  }

  expect_failures = [var.models]
}
