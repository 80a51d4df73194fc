# A name for each model that has a host: weighted over the clusters whose addresses are known.
module "global" {
  source   = "../../modules/global"
  for_each = var.global == null ? {} : var.global.hosts

  zone     = var.global.zone
  name     = each.value
  clusters = var.global.clusters
  health   = var.global.health
  tags     = var.tags
}
