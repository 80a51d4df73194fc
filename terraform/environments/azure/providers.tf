provider "azurerm" {
  subscription_id = var.subscription_id
  # no key of a storage account is ever read: whoever applies is known by a token
  storage_use_azuread = true

  features {
    # the account's properties alone: what is in it, a right to the data would be wanted for
    storage {
      data_plane_available = false
    }
  }
}

# The token is made anew whenever it is asked for: none of it is written into the state.
provider "kubectl" {
  host                   = module.cluster.access.host
  cluster_ca_certificate = module.cluster.access.cluster_ca_certificate
  load_config_file       = false

  exec {
    api_version = "client.authentication.k8s.io/v1beta1"
    command     = module.cluster.access.exec.command
    args        = module.cluster.access.exec.args
  }
}

provider "helm" {
  kubernetes = {
    host                   = module.cluster.access.host
    cluster_ca_certificate = module.cluster.access.cluster_ca_certificate

    exec = {
      api_version = "client.authentication.k8s.io/v1beta1"
      command     = module.cluster.access.exec.command
      args        = module.cluster.access.exec.args
    }
  }
}
