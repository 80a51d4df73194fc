output "store" {
  description = "Where versions are pushed to: what POORWILL_STORE and --store take."
  value       = module.storage.store
}

output "images" {
  description = "By target: what `make image TARGET=serve IMAGE=...` takes, without a tag."
  value       = module.image_registry.images
}

output "login" {
  description = "The command that lets docker or buildah push there."
  value       = module.image_registry.login
}

output "kubeconfig_command" {
  description = "The command that lets kubectl reach the cluster."
  value       = "gcloud container clusters get-credentials ${module.cluster.name} --project ${var.project} --location ${module.cluster.region}"
}

output "namespace" {
  description = "Namespace of the models."
  value       = module.platform.namespace
}

output "urls" {
  description = "By model: its stable URL."
  value       = { for name, model in module.model : name => model.url }
}

output "version_urls" {
  description = "By model and version: that version's own URL."
  value       = { for name, model in module.model : name => model.version_urls }
}

output "splits" {
  description = "By model: percents by version."
  value       = { for name, model in module.model : name => model.split }
}

output "grafana" {
  description = "The commands that bring Grafana to http://127.0.0.1:3000 and print the password of its user admin; null without observability."
  value       = one([for watched in module.observability : { open = watched.grafana, password = watched.grafana_password }])
}
