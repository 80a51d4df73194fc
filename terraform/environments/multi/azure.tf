# AKS, what belongs to it, and the models. Where nobody can log in there, delete this file: nothing else names its modules.
locals {
  azure = contains(keys(var.clouds), "azure") ? 1 : 0
}

provider "azurerm" {
  subscription_id = try(var.clouds["azure"].subscription_id, null)
  # no key of a storage account is ever read: whoever applies is known by a token
  storage_use_azuread = true

  features {
    # the account's properties alone: what is in it, a right to the data would be wanted for
    storage {
      data_plane_available = false
    }
  }
}

provider "kubectl" {
  alias                  = "azure"
  host                   = try(module.azure_cluster[0].access.host, "https://localhost")
  cluster_ca_certificate = try(module.azure_cluster[0].access.cluster_ca_certificate, "")
  load_config_file       = false

  exec {
    api_version = "client.authentication.k8s.io/v1beta1"
    command     = try(module.azure_cluster[0].access.exec.command, "false")
    args        = try(module.azure_cluster[0].access.exec.args, [])
  }
}

provider "helm" {
  alias = "azure"

  kubernetes = {
    host                   = try(module.azure_cluster[0].access.host, "https://localhost")
    cluster_ca_certificate = try(module.azure_cluster[0].access.cluster_ca_certificate, "")

    exec = {
      api_version = "client.authentication.k8s.io/v1beta1"
      command     = try(module.azure_cluster[0].access.exec.command, "false")
      args        = try(module.azure_cluster[0].access.exec.args, [])
    }
  }
}

module "azure_cluster" {
  source = "../../modules/cluster/azure"
  count  = local.azure

  name                = var.name
  region              = var.clouds["azure"].region
  network             = var.clouds["azure"].network
  kubernetes_version  = var.kubernetes_version
  api_access_cidrs    = var.api_access_cidrs
  deletion_protection = var.deletion_protection
  tags                = var.tags
}

module "azure_storage" {
  source = "../../modules/storage/azure"
  count  = local.azure

  name                = var.name
  region              = var.clouds["azure"].region
  cluster             = module.azure_cluster[0].identity
  delete_with_content = !var.deletion_protection
  tags                = var.tags
}

module "azure_image_registry" {
  source = "../../modules/image-registry/azure"
  count  = local.azure

  name    = var.name
  region  = var.clouds["azure"].region
  pullers = [module.azure_cluster[0].image_puller]
  tags    = var.tags
}

module "azure_platform" {
  source    = "../../modules/platform"
  count     = local.azure
  providers = { helm = helm.azure, kubectl = kubectl.azure }

  cloud            = "azure"
  domain           = "azure.${var.domain}"
  tls              = var.tls
  environment      = module.azure_storage[0].environment
  service_accounts = module.azure_storage[0].service_accounts
  pod_labels       = module.azure_storage[0].pod_labels
  access           = module.azure_cluster[0].access

  # the nodes that Knative runs on, and their right to pull
  depends_on = [module.azure_cluster, module.azure_image_registry]
}

module "azure_model" {
  source    = "../../modules/model"
  for_each  = { for name, model in var.models : name => model if local.azure == 1 }
  providers = { kubectl = kubectl.azure }

  name        = each.key
  namespace   = module.azure_platform[0].namespace
  registered  = jsondecode(file(pathexpand(each.value.registered_file)))
  traffic     = each.value.traffic
  split_owner = each.value.split_owner
  components  = each.value.components
  image       = var.clouds["azure"].image
  pod_labels  = module.azure_storage[0].pod_labels
  domain      = module.azure_platform[0].domain
  tls         = module.azure_platform[0].tls
  access      = module.azure_cluster[0].access

  # a version is Ready only when its pod has read the store
  depends_on = [module.azure_storage]
}

module "azure_observability" {
  source    = "../../modules/observability"
  count     = var.observability ? local.azure : 0
  providers = { helm = helm.azure, kubectl = kubectl.azure }

  models_namespace = module.azure_platform[0].namespace
}

module "azure_domain_mapping" {
  source    = "../../modules/domain-mapping"
  for_each  = { for model, name in module.global : model => name if local.azure == 1 && contains(keys(name.hosts), "azure") }
  providers = { kubectl = kubectl.azure }

  model       = each.key
  namespace   = module.azure_platform[0].namespace
  hosts       = each.value.hosts["azure"]
  certificate = try(var.global.certificates[each.key], null)

  depends_on = [module.azure_model]
}

output "azure" {
  description = "Of AKS, where there is one: store, images, login and kubeconfig_command as in environments/azure, and the models' URLs there."
  value = one([for cluster in module.azure_cluster : {
    store              = module.azure_storage[0].store
    images             = module.azure_image_registry[0].images
    login              = module.azure_image_registry[0].login
    kubeconfig_command = "az aks get-credentials --resource-group ${cluster.name} --name ${cluster.name} && kubelogin convert-kubeconfig -l azurecli"
    urls               = { for name, model in module.azure_model : name => model.url }
  }])
}
