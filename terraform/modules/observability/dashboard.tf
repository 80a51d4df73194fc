# One dashboard: who asks, how long it takes, who wakes, what runs. Grafana's sidecar takes it from the ConfigMap's label.
locals {
  of_model = "namespace=\"${var.models_namespace}\", model=~\"$model\""
  # which version a pod serves, for what the process tells of itself without saying that
  version_of_pod = "on (namespace, pod) group_left (model, version) poorwill_version_info{${local.of_model}}"

  panels = [
    {
      title = "Requests by version"
      unit  = "reqps"
      lines = { "{{model}} v{{version}}" = "sum by (model, version) (rate(poorwill_requests_total{${local.of_model}}[$__rate_interval]))" }
    },
    {
      title = "Answers by status"
      unit  = "reqps"
      lines = { "{{model}} v{{version}} {{status}}" = "sum by (model, version, status) (rate(poorwill_requests_total{${local.of_model}}[$__rate_interval]))" }
    },
    {
      title = "Time to the answer"
      unit  = "s"
      lines = {
        for percent in [50, 95, 99] : "{{model}} v{{version}} p${percent}" =>
        "histogram_quantile(${percent / 100}, sum by (model, version, le) (rate(poorwill_request_duration_seconds_bucket{${local.of_model}}[$__rate_interval])))"
      }
    },
    {
      title = "Time in the model"
      unit  = "s"
      lines = {
        for percent in [50, 99] : "{{model}} v{{version}} p${percent}" =>
        "histogram_quantile(${percent / 100}, sum by (model, version, le) (rate(poorwill_model_run_duration_seconds_bucket{${local.of_model}}[$__rate_interval])))"
      }
    },
    {
      title = "Cold starts, by phase"
      unit  = "s"
      lines = { "{{model}} v{{version}} {{phase}}" = "max by (model, version, phase) (poorwill_cold_start_phase_seconds{${local.of_model}})" }
    },
    {
      title = "Processes that started in the last 5 minutes"
      unit  = "short"
      lines = { "{{model}} v{{version}}" = "sum by (model, version) ((time() - process_start_time_seconds{namespace=\"${var.models_namespace}\"} < bool 300) * ${local.version_of_pod})" }
    },
    {
      title = "Processes"
      unit  = "short"
      lines = { "{{model}} v{{version}}" = "count by (model, version) (poorwill_version_info{${local.of_model}})" }
    },
    {
      title = "Memory of a process"
      unit  = "bytes"
      lines = { "{{model}} v{{version}}" = "max by (model, version) (process_resident_memory_bytes{namespace=\"${var.models_namespace}\"} * ${local.version_of_pod})" }
    },
  ]

  dashboard = {
    uid           = "poorwill"
    title         = "Poorwill"
    schemaVersion = 41
    refresh       = "30s"
    time          = { from = "now-1h", to = "now" }
    templating = {
      list = [
        { name = "datasource", type = "datasource", query = "prometheus", current = {} },
        {
          name       = "model"
          type       = "query"
          datasource = { type = "prometheus", uid = "$${datasource}" }
          query      = "label_values(poorwill_version_info{namespace=\"${var.models_namespace}\"}, model)"
          refresh    = 2
          includeAll = true
          multi      = true
          allValue   = ".*"
        },
      ]
    }
    panels = [
      for index, panel in local.panels : {
        id          = index + 1
        type        = "timeseries"
        title       = panel.title
        datasource  = { type = "prometheus", uid = "$${datasource}" }
        gridPos     = { x = index % 2 * 12, y = floor(index / 2) * 8, w = 12, h = 8 }
        fieldConfig = { defaults = { unit = panel.unit }, overrides = [] }
        targets     = [for legend, expression in panel.lines : { refId = substr(sha1(legend), 0, 6), legendFormat = legend, expr = expression }]
      }
    ]
  }
}

resource "kubectl_manifest" "dashboard" {
  yaml_body = yamlencode({
    apiVersion = "v1"
    kind       = "ConfigMap"
    metadata = {
      name      = "poorwill-dashboard"
      namespace = var.namespace
      labels    = { "app.kubernetes.io/part-of" = "poorwill", grafana_dashboard = "1" }
    }
    data = { "poorwill.json" = jsonencode(local.dashboard) }
  })
  server_side_apply = true

  depends_on = [kubectl_manifest.namespace]
}
