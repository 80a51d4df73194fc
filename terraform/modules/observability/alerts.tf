# Few, and each one says what to do.
locals {
  answers = "poorwill_requests_total{namespace=\"${var.models_namespace}\"}"
  by      = "sum by (namespace, model, version)"

  alerts = {
    PoorwillErrors = {
      # 503 is a predictor that is full or can't reach its store, and has alerts of its own
      expression = "${local.by} (rate(poorwill_requests_total{namespace=\"${var.models_namespace}\", status=~\"5..\", status!=\"503\"}[5m])) / ${local.by} (rate(${local.answers}[5m])) > ${var.error_ratio}"
      minutes    = 5
      severity   = "critical"
      summary    = "{{ $labels.model }}@{{ $labels.version }} fails {{ $value | humanizePercentage }} of its requests"
      next       = "`poorwill logs {{ $labels.model }}@{{ $labels.version }}` says why; `poorwill rollback {{ $labels.model }}` brings the last good split back"
    }
    PoorwillQueueFull = {
      expression = "${local.by} (rate(poorwill_requests_total{namespace=\"${var.models_namespace}\", status=\"503\"}[5m])) > 0"
      minutes    = 5
      severity   = "warning"
      summary    = "{{ $labels.model }}@{{ $labels.version }} has no room for some of its requests"
      next       = "give it more pods (scale.max), or look whether nodes are missing for them"
    }
    # Knative wants pods of a revision, and none gets ready: whoever asks waits in vain.
    PoorwillLostWakeUp = {
      expression = "max by (namespace, deployment) (kube_deployment_spec_replicas{namespace=\"${var.models_namespace}\", deployment=~\".+-v[0-9]+-[0-9]{5}-deployment\"}) > 0 unless max by (namespace, deployment) (kube_deployment_status_replicas_available{namespace=\"${var.models_namespace}\"}) > 0"
      minutes    = 5
      severity   = "critical"
      summary    = "{{ $labels.deployment }} was woken and does not get ready"
      next       = "`poorwill status` says why: an image, a node, the store, or a model that does not load"
    }
  }
}

resource "kubectl_manifest" "alerts" {
  yaml_body = yamlencode({
    apiVersion = "monitoring.coreos.com/v1"
    kind       = "PrometheusRule"
    metadata = {
      name      = "poorwill"
      namespace = var.namespace
      labels    = { "app.kubernetes.io/part-of" = "poorwill" }
    }
    spec = {
      groups = [{
        name = "poorwill"
        rules = [
          for name, alert in local.alerts : {
            alert       = name
            expr        = alert.expression
            "for"       = "${alert.minutes}m" # quoted for readers of HCL that take it for the word of the language
            labels      = { severity = alert.severity }
            annotations = { summary = alert.summary, description = alert.next }
          }
        ]
      }]
    }
  })
  server_side_apply = true

  depends_on = [helm_release.stack]
}
