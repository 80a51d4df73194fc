locals {
  kubeconfig = one(azurerm_kubernetes_cluster.this.kube_config)
}

output "name" {
  description = "Name of the cluster, and of its resource group."
  value       = azurerm_kubernetes_cluster.this.name
}

output "region" {
  description = "The region that it lies in."
  value       = var.region
}

output "kubernetes_version" {
  description = "Minor version of Kubernetes."
  value       = var.kubernetes_version
}

output "access" {
  description = "How the providers kubectl and helm reach the cluster: host, cluster_ca_certificate (PEM), and exec, the command that gets a token of whoever is logged in to az."
  value = {
    # Neither is a secret: the provider marks all of a kubeconfig, which has no key and no password here.
    host                   = nonsensitive(local.kubeconfig.host)
    cluster_ca_certificate = nonsensitive(base64decode(local.kubeconfig.cluster_ca_certificate))
    exec = {
      command = "kubelogin"
      # the id is that of AKS itself, the same in all tenants
      args = ["get-token", "--login", "azurecli", "--server-id", "6dae42f8-4368-4678-94ff-3960e28e3630"]
    }
  }
}

output "identity" {
  description = "What module storage wants to know of the cluster: its name, and the issuer of its service accounts' tokens."
  value = {
    cluster = azurerm_kubernetes_cluster.this.name
    issuer  = azurerm_kubernetes_cluster.this.oidc_issuer_url
  }
}

output "image_puller" {
  description = "Who pulls images: object id of the nodes' identity, for module image-registry."
  value       = azurerm_user_assigned_identity.nodes.principal_id
}

output "network" {
  description = "Id and addresses of the network."
  value = {
    id   = azurerm_virtual_network.this.id
    cidr = var.network.cidr
  }
}
