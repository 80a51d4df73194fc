locals {
  host     = "${var.region}-docker.pkg.dev"
  registry = "${local.host}/${google_artifact_registry_repository.this.project}/${google_artifact_registry_repository.this.repository_id}"
}

output "registry" {
  description = "Host, and what all images' names begin with."
  value       = local.registry

  # who pulls before the right is there is refused
  depends_on = [google_artifact_registry_repository_iam_binding.puller]
}

output "images" {
  description = "By target of `make image`: what its IMAGE takes, without a tag."
  value       = { for image in var.images : image => "${local.registry}/${image}" }
}

output "login" {
  description = "Command that logs docker in for an hour; the same with buildah login."
  value       = "gcloud auth print-access-token | docker login --username oauth2accesstoken --password-stdin ${local.host}"
}
