# what makes the spot pool grow; GKE and AKS have it built in
module "node_scaler" {
  source = "../../modules/node-scaler"

  cluster            = module.cluster.name
  region             = module.cluster.region
  kubernetes_version = module.cluster.kubernetes_version
}
