locals {
  route_base = yamldecode(file("${path.module}/../../../knative/base/model-route.yaml"))
  target     = one(local.route_base.spec.traffic)
  by_runtime = var.split_owner == "runtime"

  route = merge(local.route_base, {
    metadata = merge(local.route_base.metadata, {
      name      = var.name
      namespace = var.namespace
      labels = merge(local.route_base.metadata.labels, {
        "app.kubernetes.io/name" = var.name
        "poorwill.dev/model"     = var.name
      })
    })
    spec = merge(local.route_base.spec, {
      traffic = [
        for share in var.traffic : merge(local.target, {
          tag               = "v${share.version}"
          configurationName = "${var.name}-v${share.version}"
          percent           = share.percent
        })
      ]
    })
  })
}

# The Route as it was when its traffic became the runtime's: written once, and again only if the Route was deleted.
resource "terraform_data" "first_route" {
  count = local.by_runtime ? 1 : 0
  input = yamlencode(local.route)

  lifecycle {
    ignore_changes = [input]
  }
}

# Force takes back what `poorwill split --force-conflicts` took over; a Route that is the runtime's is never forced.
resource "kubectl_manifest" "route" {
  yaml_body         = local.by_runtime ? one(terraform_data.first_route[*].input) : yamlencode(local.route)
  server_side_apply = true
  force_conflicts   = !local.by_runtime
  ignore_fields     = local.by_runtime ? ["spec.traffic"] : []

  depends_on = [kubectl_manifest.version, module.versions_ready]
}

resource "terraform_data" "route_written" {
  lifecycle {
    replace_triggered_by = [kubectl_manifest.route]
  }
}

module "route_ready" {
  source = "../ready"
  count  = var.access == null ? 0 : 1

  access       = var.access
  namespace    = var.namespace
  objects      = ["routes.serving.knative.dev/${var.name}"]
  written      = terraform_data.route_written.id
  wait_seconds = var.wait_seconds
}
