# Prometheus, Alertmanager, Grafana and kube-state-metrics.
resource "kubectl_manifest" "namespace" {
  yaml_body = yamlencode({
    apiVersion = "v1"
    kind       = "Namespace"
    metadata = {
      name = var.namespace
      labels = {
        "app.kubernetes.io/part-of" = "poorwill"
        "poorwill.dev/scrapes"      = "true" # lets it through the NetworkPolicy of predictors
      }
    }
  })
  server_side_apply = true
  wait              = true
}

resource "helm_release" "stack" {
  name       = "kube-prometheus-stack"
  namespace  = var.namespace
  repository = "https://prometheus-community.github.io/helm-charts"
  chart      = "kube-prometheus-stack"
  version    = "92.21.2"
  timeout    = 900

  values = [yamlencode({
    prometheus = {
      prometheusSpec = {
        retention = "${var.retention_days}d"
        # what is not of this release is read, too
        podMonitorSelectorNilUsesHelmValues = false
        ruleSelectorNilUsesHelmValues       = false
      }
    }
    # null takes out the chart's own, which is in its documentation: Grafana's chart then makes a random one
    grafana = { adminPassword = null }
  })]

  depends_on = [kubectl_manifest.namespace]
}

locals {
  pod_monitor = yamldecode(file("${path.module}/../../../knative/components/pod-monitor/pod-monitor.yaml"))
}

resource "kubectl_manifest" "pod_monitor" {
  yaml_body = yamlencode(merge(local.pod_monitor, {
    metadata = merge(local.pod_monitor.metadata, { namespace = var.models_namespace })
  }))
  server_side_apply = true

  depends_on = [helm_release.stack]
}
