# EKS, what belongs to it, and the models.
locals {
  aws = contains(keys(var.clouds), "aws") ? 1 : 0
}

# Route 53 is asked by it, too, wherever the clusters are.
provider "aws" {
  region = try(var.clouds["aws"].region, "us-east-1")
}

provider "kubectl" {
  alias                  = "aws"
  host                   = try(module.aws_cluster[0].access.host, "https://localhost")
  cluster_ca_certificate = try(module.aws_cluster[0].access.cluster_ca_certificate, "")
  load_config_file       = false

  exec {
    api_version = "client.authentication.k8s.io/v1beta1"
    command     = try(module.aws_cluster[0].access.exec.command, "false")
    args        = try(module.aws_cluster[0].access.exec.args, [])
  }
}

provider "helm" {
  alias = "aws"

  kubernetes = {
    host                   = try(module.aws_cluster[0].access.host, "https://localhost")
    cluster_ca_certificate = try(module.aws_cluster[0].access.cluster_ca_certificate, "")

    exec = {
      api_version = "client.authentication.k8s.io/v1beta1"
      command     = try(module.aws_cluster[0].access.exec.command, "false")
      args        = try(module.aws_cluster[0].access.exec.args, [])
    }
  }
}

module "aws_cluster" {
  source = "../../modules/cluster/aws"
  count  = local.aws

  name                = var.name
  region              = var.clouds["aws"].region
  network             = var.clouds["aws"].network
  kubernetes_version  = var.kubernetes_version
  api_access_cidrs    = var.api_access_cidrs
  deletion_protection = var.deletion_protection
  tags                = var.tags
}

# what makes the spot pool grow; GKE and AKS have it built in
module "aws_node_scaler" {
  source    = "../../modules/node-scaler"
  count     = local.aws
  providers = { helm = helm.aws }

  cluster            = module.aws_cluster[0].name
  region             = module.aws_cluster[0].region
  kubernetes_version = module.aws_cluster[0].kubernetes_version
}

module "aws_storage" {
  source = "../../modules/storage/aws"
  count  = local.aws

  name                = var.name
  region              = var.clouds["aws"].region
  cluster             = module.aws_cluster[0].identity
  delete_with_content = !var.deletion_protection
  tags                = var.tags
}

module "aws_image_registry" {
  source = "../../modules/image-registry/aws"
  count  = local.aws

  name    = var.name
  region  = var.clouds["aws"].region
  pullers = [module.aws_cluster[0].image_puller]
  tags    = var.tags
}

module "aws_platform" {
  source    = "../../modules/platform"
  count     = local.aws
  providers = { helm = helm.aws, kubectl = kubectl.aws }

  cloud            = "aws"
  domain           = "aws.${var.domain}"
  tls              = var.tls
  environment      = module.aws_storage[0].environment
  service_accounts = module.aws_storage[0].service_accounts
  pod_labels       = module.aws_storage[0].pod_labels
  access           = module.aws_cluster[0].access

  # the nodes that Knative runs on, and their right to pull
  depends_on = [module.aws_cluster, module.aws_image_registry]
}

module "aws_model" {
  source    = "../../modules/model"
  for_each  = { for name, model in var.models : name => model if local.aws == 1 }
  providers = { kubectl = kubectl.aws }

  name        = each.key
  namespace   = module.aws_platform[0].namespace
  registered  = jsondecode(file(pathexpand(each.value.registered_file)))
  traffic     = each.value.traffic
  split_owner = each.value.split_owner
  components  = each.value.components
  image       = var.clouds["aws"].image
  pod_labels  = module.aws_storage[0].pod_labels
  domain      = module.aws_platform[0].domain
  tls         = module.aws_platform[0].tls
  access      = module.aws_cluster[0].access

  # a version is Ready only when its pod has read the store
  depends_on = [module.aws_storage]
}

module "aws_observability" {
  source    = "../../modules/observability"
  count     = var.observability ? local.aws : 0
  providers = { helm = helm.aws, kubectl = kubectl.aws }

  models_namespace = module.aws_platform[0].namespace
}

module "aws_domain_mapping" {
  source    = "../../modules/domain-mapping"
  for_each  = { for model, name in module.global : model => name if local.aws == 1 && contains(keys(name.hosts), "aws") }
  providers = { kubectl = kubectl.aws }

  model       = each.key
  namespace   = module.aws_platform[0].namespace
  hosts       = each.value.hosts["aws"]
  certificate = try(var.global.certificates[each.key], null)

  depends_on = [module.aws_model]
}

output "aws" {
  description = "Of EKS, where there is one: store, images, login and kubeconfig_command as in environments/aws, and the models' URLs there."
  value = one([for cluster in module.aws_cluster : {
    store              = module.aws_storage[0].store
    images             = module.aws_image_registry[0].images
    login              = module.aws_image_registry[0].login
    kubeconfig_command = "aws eks update-kubeconfig --region ${cluster.region} --name ${cluster.name}"
    urls               = { for name, model in module.aws_model : name => model.url }
  }])
}
