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

variables {
  name   = "digits-prod"
  domain = "models.example.com"
}

run "refuses_one_cloud" {
  command = plan

  variables {
    clouds = {
      aws = {
        region  = "eu-central-1"
        network = { cidr = "10.10.0.0/16" }

      }
    }

  }

  expect_failures = [var.clouds]
}

run "refuses_a_cloud_that_there_is_not" {
  command = plan

  variables {
    clouds = {
      aws = {
        region  = "eu-central-1"
        network = { cidr = "10.10.0.0/16" }

      }
      oci = {
        region  = "europe-west3"
        network = { cidr = "10.20.0.0/16" }
        project = "digits-prod-1234"
      }
    }

  }

  expect_failures = [var.clouds]
}

run "refuses_two_clouds_with_one_cidr" {
  command = plan

  variables {
    clouds = {
      aws = {
        region  = "eu-central-1"
        network = { cidr = "10.10.0.0/16" }

      }
      gcp = {
        region  = "europe-west3"
        network = { cidr = "10.10.0.0/16" }
        project = "digits-prod-1234"
      }
    }

  }

  expect_failures = [var.clouds]
}

run "refuses_two_networks_of_which_one_lies_in_the_other" {
  command = plan

  variables {
    clouds = {
      aws = {
        region  = "eu-central-1"
        network = { cidr = "10.10.0.0/16" }

      }
      gcp = {
        region  = "europe-west3"
        network = { cidr = "10.10.64.0/18" }
        project = "digits-prod-1234"
      }
    }

  }

  expect_failures = [var.clouds]
}

run "refuses_a_google_cloud_without_a_project" {
  command = plan

  variables {
    clouds = {
      aws = {
        region  = "eu-central-1"
        network = { cidr = "10.10.0.0/16" }

      }
      gcp = {
        region  = "europe-west3"
        network = { cidr = "10.20.0.0/16" }

      }
    }

  }

  expect_failures = [var.clouds]
}

run "refuses_a_project_for_aws" {
  command = plan

  variables {
    clouds = {
      aws = {
        region  = "eu-central-1"
        network = { cidr = "10.10.0.0/16" }
        project = "digits-prod-1234"
      }
      gcp = {
        region  = "europe-west3"
        network = { cidr = "10.20.0.0/16" }
        project = "digits-prod-1234"
      }
    }

  }

  expect_failures = [var.clouds]
}

run "refuses_an_image_by_a_tag" {
  command = plan

  variables {
    clouds = {
      aws = {
        region  = "eu-central-1"
        network = { cidr = "10.10.0.0/16" }
        image   = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/digits-prod/serve:0.1.0"
      }
      gcp = {
        region  = "europe-west3"
        network = { cidr = "10.20.0.0/16" }
        project = "digits-prod-1234"
        image   = "europe-west3-docker.pkg.dev/digits-prod-1234/digits-prod/serve:0.1.0"
      }
    }

  }

  expect_failures = [var.clouds]
}

run "refuses_models_without_images" {
  command = plan

  variables {
    clouds = {
      aws = {
        region  = "eu-central-1"
        network = { cidr = "10.10.0.0/16" }

      }
      gcp = {
        region  = "europe-west3"
        network = { cidr = "10.20.0.0/16" }
        project = "digits-prod-1234"
      }
    }
    models = {
      digits = {
        registered_file = "tests/digits.json"
        traffic         = [{ version = 1, percent = 90 }, { version = 2, percent = 10 }]
      }
    }
  }

  expect_failures = [var.clouds]
}

run "refuses_different_images_in_two_clouds" {
  command = plan

  variables {
    clouds = {
      aws = {
        region  = "eu-central-1"
        network = { cidr = "10.10.0.0/16" }
        image   = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/digits-prod/serve@sha256:0000000000000000000000000000000000000000000000000000000000000002"
      }
      gcp = {
        region  = "europe-west3"
        network = { cidr = "10.20.0.0/16" }
        project = "digits-prod-1234"
        image   = "europe-west3-docker.pkg.dev/digits-prod-1234/digits-prod/serve@sha256:0000000000000000000000000000000000000000000000000000000000000001"
      }
    }

  }

  expect_failures = [var.clouds]
}
