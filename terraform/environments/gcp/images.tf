module "image_registry" {
  source = "../../modules/image-registry/gcp"

  name    = var.name
  region  = var.region
  pullers = [module.cluster.image_puller]
  tags    = var.tags
}
