# The overlay's namespace, store, accounts and policy, as kustomize would make them.
locals {
  overlays = "${path.module}/../../../knative/overlays"
  # local has no namespace of its own; all others have the same
  namespace_base = yamldecode(file("${local.overlays}/${var.cloud == "local" ? "aws" : var.cloud}/namespace.yaml"))
}

resource "kubectl_manifest" "namespace" {
  count = var.namespace == "default" ? 0 : 1

  yaml_body = yamlencode(merge(local.namespace_base, {
    metadata = merge(local.namespace_base.metadata, { name = var.namespace })
  }))
  server_side_apply = true
  wait              = true
}
