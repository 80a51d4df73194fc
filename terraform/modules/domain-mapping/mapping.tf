locals {
  labels = {
    "app.kubernetes.io/name"    = var.model
    "app.kubernetes.io/part-of" = "poorwill"
    "poorwill.dev/model"        = var.model
  }
}

# The namespace's right to the host: Knative makes none by itself, or any namespace could take any name.
resource "kubectl_manifest" "claim" {
  for_each = var.hosts

  server_side_apply = true
  yaml_body = yamlencode({
    apiVersion = "networking.internal.knative.dev/v1alpha1"
    kind       = "ClusterDomainClaim"
    metadata   = { name = each.value, labels = local.labels }
    spec       = { namespace = var.namespace }
  })
}

resource "kubectl_manifest" "mapping" {
  for_each = var.hosts

  server_side_apply = true
  yaml_body = yamlencode({
    apiVersion = "serving.knative.dev/v1beta1"
    kind       = "DomainMapping"
    metadata   = { name = each.value, namespace = var.namespace, labels = local.labels }
    spec = merge(
      # the Route, so that the model's split holds for this host, too
      { ref = { apiVersion = "serving.knative.dev/v1", kind = "Route", name = var.model, namespace = var.namespace } },
      var.certificate == null ? {} : { tls = { secretName = var.certificate } },
    )
  })

  depends_on = [kubectl_manifest.claim]
}
