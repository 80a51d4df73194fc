output "name" {
  description = "The cluster's name."
  value       = google_container_cluster.this.name
}

output "region" {
  description = "The cluster's region."
  value       = var.region
}

output "kubernetes_version" {
  description = "The minor version of Kubernetes that runs."
  value       = try(regex("^[0-9]+\\.[0-9]+", google_container_cluster.this.master_version), google_container_cluster.this.master_version)
}

output "access" {
  description = "How providers kubectl and helm reach the API server: its URL, its authority's certificate as PEM, and the command that gives a token."
  value = {
    host                   = "https://${google_container_cluster.this.endpoint}"
    cluster_ca_certificate = base64decode(google_container_cluster.this.master_auth[0].cluster_ca_certificate)
    exec                   = { command = "gke-gcloud-auth-plugin", args = tolist([]) }
  }

  # what is put into the cluster needs nodes to run on, and to be taken away again
  depends_on = [google_container_node_pool.this]
}

output "identity" {
  description = "What tells the cluster's pods from those of others: variable cluster of modules/storage."
  value = {
    cluster = google_container_cluster.this.name
    issuer  = "https://container.googleapis.com/v1/${google_container_cluster.this.id}"
  }
}

output "image_puller" {
  description = "Who pulls images, the nodes' service account: for variable pullers of modules/image-registry."
  value       = google_service_account.node.email
}

output "network" {
  description = "The VPC's id and range."
  value = {
    id   = google_compute_network.this.id
    cidr = var.network.cidr
  }
}
