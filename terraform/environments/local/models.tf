# What the other environments have, less what is already there: cluster, Knative and store.
module "platform" {
  source = "../../modules/platform"

  cloud       = "local"
  knative     = false
  domain      = split(":", var.domain)[0]
  namespace   = var.namespace
  environment = merge(var.environment, { POORWILL_STORE = var.store })
}

module "model" {
  source   = "../../modules/model"
  for_each = var.models

  name        = each.key
  namespace   = module.platform.namespace
  registered  = jsondecode(file(pathexpand(each.value.registered_file)))
  traffic     = each.value.traffic
  split_owner = each.value.split_owner
  components  = each.value.components
  image       = var.image
  domain      = var.domain
  access      = { kubeconfig = var.kubeconfig }
}
