module "model" {
  source   = "../../modules/model"
  for_each = var.models

  name        = each.key
  namespace   = module.platform.namespace
  registered  = jsondecode(file(pathexpand(each.value.registered_file)))
  traffic     = each.value.traffic
  split_owner = each.value.split_owner
  components  = each.value.components
  image       = var.images.serve
  pod_labels  = module.storage.pod_labels
  domain      = module.platform.domain
  tls         = module.platform.tls
  access      = module.cluster.access

  # a version is Ready only when its pod has read the store
  depends_on = [module.storage]
}
