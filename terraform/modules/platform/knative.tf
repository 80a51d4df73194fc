# Knative, as its operator makes it from the files of knative/platform.
locals {
  platform = "${path.module}/../../../knative/platform"
  serving  = yamldecode(file("${local.platform}/knative-serving.yaml"))
  eventing = yamldecode(file("${local.platform}/knative-eventing.yaml"))
  knative_namespaces = {
    for document in split("\n---\n", file("${local.platform}/namespaces.yaml")) :
    yamldecode(document).metadata.name => yamldecode(document) if var.knative
  }

  # what tls/kustomization.yaml adds to the settings of Serving
  tls_patch = yamldecode(one(yamldecode(file("${local.platform}/tls/kustomization.yaml")).patches).patch)
  tls_settings = {
    for operation in local.tls_patch : basename(operation.path) => operation.value
    if var.tls != null && dirname(operation.path) == "/spec/config"
  }
  tls_network = {
    for operation in local.tls_patch : basename(operation.path) => operation.value
    if var.tls != null && dirname(operation.path) == "/spec/config/network"
  }

  knative = {
    serving = merge(local.serving, {
      spec = merge(local.serving.spec, {
        config = merge(local.serving.spec.config, local.tls_settings, {
          domain  = { (var.domain) = "" }
          network = merge(local.serving.spec.config.network, local.tls_network)
        })
      })
    })
    eventing = local.eventing
  }
}

# Of the same version as what it makes.
resource "helm_release" "knative_operator" {
  count = var.knative ? 1 : 0

  name             = "knative-operator"
  namespace        = "knative-operator"
  create_namespace = true
  chart            = "https://github.com/knative/operator/releases/download/knative-v${local.serving.spec.version}/knative-operator-v${local.serving.spec.version}.tgz"
}

resource "kubectl_manifest" "knative_namespace" {
  for_each = local.knative_namespaces

  yaml_body         = yamlencode(each.value)
  server_side_apply = true
  wait              = true
}

# Deleted while the operator, which cleans up after them, still runs.
resource "kubectl_manifest" "knative" {
  for_each = { for name, manifest in local.knative : name => yamlencode(manifest) if var.knative }

  yaml_body         = each.value
  server_side_apply = true
  wait              = true

  depends_on = [helm_release.knative_operator, helm_release.cert_manager, kubectl_manifest.knative_namespace]
}

resource "terraform_data" "knative_written" {
  count = var.knative ? 1 : 0

  lifecycle {
    replace_triggered_by = [kubectl_manifest.knative]
  }
}

# An installation says for minutes that it is not Ready, and means not yet.
module "serving_ready" {
  source = "../ready"
  count  = var.knative && var.access != null ? 1 : 0

  access         = var.access
  namespace      = local.serving.metadata.namespace
  objects        = ["knativeservings.operator.knative.dev/${local.serving.metadata.name}"]
  written        = terraform_data.knative_written[0].id
  wait_seconds   = 900
  settle_seconds = 900
}

module "eventing_ready" {
  source = "../ready"
  count  = var.knative && var.access != null ? 1 : 0

  access         = var.access
  namespace      = local.eventing.metadata.namespace
  objects        = ["knativeeventings.operator.knative.dev/${local.eventing.metadata.name}"]
  written        = terraform_data.knative_written[0].id
  wait_seconds   = 900
  settle_seconds = 900
}
