resource "helm_release" "cert_manager" {
  count = var.tls == null ? 0 : 1

  name             = "cert-manager"
  namespace        = "cert-manager"
  create_namespace = true
  repository       = "https://charts.jetstack.io"
  chart            = "cert-manager"
  version          = "v1.18.2" # the issuer of knative/platform/tls wants 1.16 or newer
  values           = [yamlencode({ crds = { enabled = true } })]
}

locals {
  issuer = yamldecode(file("${local.platform}/tls/cluster-issuer.yaml"))
}

resource "kubectl_manifest" "issuer" {
  count = var.tls == null ? 0 : 1

  yaml_body = yamlencode(merge(local.issuer, {
    spec = merge(local.issuer.spec, { acme = merge(local.issuer.spec.acme, { email = var.tls.email }) })
  }))
  server_side_apply = true

  depends_on = [helm_release.cert_manager]
}
