module "storage" {
  source = "../../modules/storage/gcp"

  name                = var.name
  region              = var.region
  cluster             = module.cluster.identity
  delete_with_content = !var.deletion_protection
  tags                = var.tags
}
