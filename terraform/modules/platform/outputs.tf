output "namespace" {
  description = "Namespace for models, known once Knative is Ready and all that a version needs is there."
  value       = var.namespace
  depends_on = [
    kubectl_manifest.service_account, kubectl_manifest.store, kubectl_manifest.network_policy, kubectl_manifest.issuer,
    kubectl_manifest.knative, module.serving_ready, module.eventing_ready,
  ]
}

output "domain" {
  description = "What every URL ends in."
  value       = var.domain
}

output "tls" {
  description = "Whether URLs begin with https."
  value       = var.tls != null
}
