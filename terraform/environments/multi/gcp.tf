# GKE, what belongs to it, and the models. Where nobody can log in there, delete this file: nothing else names its modules.
locals {
  gcp = contains(keys(var.clouds), "gcp") ? 1 : 0
}

provider "google" {
  project = try(var.clouds["gcp"].project, null)
  region  = try(var.clouds["gcp"].region, null)
}

provider "kubectl" {
  alias                  = "gcp"
  host                   = try(module.gcp_cluster[0].access.host, "https://localhost")
  cluster_ca_certificate = try(module.gcp_cluster[0].access.cluster_ca_certificate, "")
  load_config_file       = false

  exec {
    api_version = "client.authentication.k8s.io/v1beta1"
    command     = try(module.gcp_cluster[0].access.exec.command, "false")
    args        = try(module.gcp_cluster[0].access.exec.args, [])
  }
}

provider "helm" {
  alias = "gcp"

  kubernetes = {
    host                   = try(module.gcp_cluster[0].access.host, "https://localhost")
    cluster_ca_certificate = try(module.gcp_cluster[0].access.cluster_ca_certificate, "")

    exec = {
      api_version = "client.authentication.k8s.io/v1beta1"
      command     = try(module.gcp_cluster[0].access.exec.command, "false")
      args        = try(module.gcp_cluster[0].access.exec.args, [])
    }
  }
}

module "gcp_cluster" {
  source = "../../modules/cluster/gcp"
  count  = local.gcp

  name                = var.name
  region              = var.clouds["gcp"].region
  network             = var.clouds["gcp"].network
  kubernetes_version  = var.kubernetes_version
  api_access_cidrs    = var.api_access_cidrs
  deletion_protection = var.deletion_protection
  tags                = var.tags
}

module "gcp_storage" {
  source = "../../modules/storage/gcp"
  count  = local.gcp

  name                = var.name
  region              = var.clouds["gcp"].region
  cluster             = module.gcp_cluster[0].identity
  delete_with_content = !var.deletion_protection
  tags                = var.tags
}

module "gcp_image_registry" {
  source = "../../modules/image-registry/gcp"
  count  = local.gcp

  name    = var.name
  region  = var.clouds["gcp"].region
  pullers = [module.gcp_cluster[0].image_puller]
  tags    = var.tags
}

module "gcp_platform" {
  source    = "../../modules/platform"
  count     = local.gcp
  providers = { helm = helm.gcp, kubectl = kubectl.gcp }

  cloud            = "gcp"
  domain           = "gcp.${var.domain}"
  tls              = var.tls
  environment      = module.gcp_storage[0].environment
  service_accounts = module.gcp_storage[0].service_accounts
  pod_labels       = module.gcp_storage[0].pod_labels
  access           = module.gcp_cluster[0].access

  # the nodes that Knative runs on, and their right to pull
  depends_on = [module.gcp_cluster, module.gcp_image_registry]
}

module "gcp_model" {
  source    = "../../modules/model"
  for_each  = { for name, model in var.models : name => model if local.gcp == 1 }
  providers = { kubectl = kubectl.gcp }

  name        = each.key
  namespace   = module.gcp_platform[0].namespace
  registered  = jsondecode(file(pathexpand(each.value.registered_file)))
  traffic     = each.value.traffic
  split_owner = each.value.split_owner
  components  = each.value.components
  image       = var.clouds["gcp"].image
  pod_labels  = module.gcp_storage[0].pod_labels
  domain      = module.gcp_platform[0].domain
  tls         = module.gcp_platform[0].tls
  access      = module.gcp_cluster[0].access

  # a version is Ready only when its pod has read the store
  depends_on = [module.gcp_storage]
}

module "gcp_observability" {
  source    = "../../modules/observability"
  count     = var.observability ? local.gcp : 0
  providers = { helm = helm.gcp, kubectl = kubectl.gcp }

  models_namespace = module.gcp_platform[0].namespace
}

module "gcp_domain_mapping" {
  source    = "../../modules/domain-mapping"
  for_each  = { for model, name in module.global : model => name if local.gcp == 1 && contains(keys(name.hosts), "gcp") }
  providers = { kubectl = kubectl.gcp }

  model       = each.key
  namespace   = module.gcp_platform[0].namespace
  hosts       = each.value.hosts["gcp"]
  certificate = try(var.global.certificates[each.key], null)

  depends_on = [module.gcp_model]
}

output "gcp" {
  description = "Of GKE, where there is one: store, images, login and kubeconfig_command as in environments/gcp, and the models' URLs there."
  value = one([for cluster in module.gcp_cluster : {
    store              = module.gcp_storage[0].store
    images             = module.gcp_image_registry[0].images
    login              = module.gcp_image_registry[0].login
    kubeconfig_command = "gcloud container clusters get-credentials ${cluster.name} --project ${var.clouds["gcp"].project} --location ${cluster.region}"
    urls               = { for name, model in module.gcp_model : name => model.url }
  }])
}
