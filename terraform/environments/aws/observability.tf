module "observability" {
  source = "../../modules/observability"
  count  = var.observability ? 1 : 0

  models_namespace = module.platform.namespace
}
