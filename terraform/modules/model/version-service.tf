# The Service of each version, from knative/base: what `poorwill deploy` edits is edited here, and nothing else.
locals {
  version_base = yamldecode(file("${path.module}/../../../knative/base/version-service.yaml"))
  template     = local.version_base.spec.template
  predictor    = one(local.template.spec.containers)
  brokers      = "broker-ingress.knative-eventing.svc.cluster.local"
  digests      = { for found in var.registered.versions : found.version => found.digest }
  scaling = {
    for name, pods in { "min-scale" = var.scale.min, "max-scale" = var.scale.max } :
    "autoscaling.knative.dev/${name}" => tostring(pods) if pods != null
  }

  labels = {
    for share in var.traffic : share.version => merge(local.version_base.metadata.labels, {
      "app.kubernetes.io/name" = "${var.name}-v${share.version}"
      "poorwill.dev/model"     = var.name
      "poorwill.dev/version"   = tostring(share.version)
    })
  }

  predictors = {
    for share in var.traffic : share.version => merge(local.predictor, {
      image = coalesce(var.image, local.predictor.image)
      env = [
        for entry in concat(local.predictor.env, local.appended["${local.container}/env"]) : merge(entry, {
          for member, value in entry : member => lookup({
            POORWILL_MODEL  = "${var.name}@${share.version}"
            POORWILL_DIGEST = local.digests[share.version]
            # a Broker of the namespace that the version is in
            POORWILL_BROKER_URL = replace(value, "${local.brokers}/default/", "${local.brokers}/${var.namespace}/")
          }, entry.name, value) if member == "value"
        })
      ]
      envFrom      = concat(local.predictor.envFrom, local.appended["${local.container}/envFrom"])
      volumeMounts = concat(local.predictor.volumeMounts, local.appended["${local.container}/volumeMounts"])
      resources = {
        for kind, amounts in local.predictor.resources : kind => merge(amounts, local.set["${local.container}/resources/${kind}"])
      }
    })
  }

  services = {
    for share in var.traffic : share.version => merge(local.version_base, {
      metadata = merge(local.version_base.metadata, {
        name      = "${var.name}-v${share.version}"
        namespace = var.namespace
        labels    = local.labels[share.version]
      })
      spec = merge(local.version_base.spec, {
        template = merge(local.template, {
          metadata = merge(local.template.metadata, {
            labels      = merge(local.labels[share.version], local.set["/spec/template/metadata/labels"], var.pod_labels)
            annotations = merge(local.template.metadata.annotations, local.set["/spec/template/metadata/annotations"], local.scaling)
          })
          spec = merge(local.template.spec, local.set[local.pod], {
            containers = [local.predictors[share.version]]
            volumes    = concat(local.template.spec.volumes, local.appended["${local.pod}/volumes"])
          })
        })
      })
    })
  }
}

# Without force: a field that somebody else has, such as the digest of a version that was deployed from another store, is a
# conflict that is shown.
resource "kubectl_manifest" "version" {
  for_each = local.services

  yaml_body         = yamlencode(each.value)
  server_side_apply = true

  lifecycle {
    create_before_destroy = true # the Route leaves a version before the version goes
  }
}

resource "terraform_data" "versions_written" {
  lifecycle {
    replace_triggered_by = [kubectl_manifest.version]
  }
}

module "versions_ready" {
  source = "../ready"
  count  = var.access == null ? 0 : 1

  access       = var.access
  namespace    = var.namespace
  objects      = [for share in var.traffic : "services.serving.knative.dev/${var.name}-v${share.version}"]
  written      = terraform_data.versions_written.id
  wait_seconds = var.wait_seconds
}
