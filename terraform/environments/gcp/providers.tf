provider "google" {
  project = var.project
  region  = var.region
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
