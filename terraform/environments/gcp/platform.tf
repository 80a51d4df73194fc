module "platform" {
  source = "../../modules/platform"

  cloud            = "gcp"
  domain           = var.domain
  tls              = var.tls
  environment      = module.storage.environment
  service_accounts = module.storage.service_accounts
  pod_labels       = module.storage.pod_labels
  deploy           = var.images.deploy == null ? null : { image = var.images.deploy }
  access           = module.cluster.access

  # the nodes that Knative runs on, and their right to pull
  depends_on = [module.cluster, module.image_registry]
}
