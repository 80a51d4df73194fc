locals {
  store = yamldecode(file("${path.module}/../../../knative/base/store.yaml"))
}

resource "kubectl_manifest" "store" {
  yaml_body = yamlencode(merge(local.store, {
    metadata = merge(local.store.metadata, { namespace = var.namespace })
    data     = var.environment
  }))
  server_side_apply = true

  depends_on = [kubectl_manifest.namespace]
}
