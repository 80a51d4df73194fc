provider "kubectl" {
  config_path = pathexpand(var.kubeconfig)
}

# Nothing is made by Helm here: Knative runs already.
provider "helm" {}
