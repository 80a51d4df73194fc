module "cluster" {
  source = "../../modules/cluster/gcp"

  name                = var.name
  region              = var.region
  network             = var.network
  kubernetes_version  = var.kubernetes_version
  api_access_cidrs    = var.api_access_cidrs
  always_on           = var.always_on
  spot                = var.spot
  deletion_protection = var.deletion_protection
  tags                = var.tags
}
