mock_provider "kubectl" {}
mock_provider "helm" {}

variables {
  models_namespace = "poorwill"
}

run "prometheus_reads_the_pods_of_the_models_namespace_past_their_policy" {
  command = plan

  assert {
    condition = nonsensitive(
      yamldecode(kubectl_manifest.pod_monitor.yaml_body).metadata.namespace == "poorwill" &&
      yamldecode(kubectl_manifest.pod_monitor.yaml_body).spec == yamldecode(file("../../../knative/components/pod-monitor/pod-monitor.yaml")).spec
    )
    error_message = "wanted the PodMonitor of knative/components"
  }
  assert {
    condition     = nonsensitive(yamldecode(kubectl_manifest.namespace.yaml_body).metadata.labels["poorwill.dev/scrapes"]) == "true"
    error_message = "wanted the label that the NetworkPolicy of predictors lets through"
  }
  assert {
    condition     = !yamldecode(helm_release.stack.values[0]).prometheus.prometheusSpec.podMonitorSelectorNilUsesHelmValues
    error_message = "wanted monitors of others to be read"
  }
}

run "grafana_has_no_password_that_anybody_knows" {
  command = plan

  assert {
    condition     = yamldecode(helm_release.stack.values[0]).grafana.adminPassword == null
    error_message = "wanted the chart's own taken out"
  }
}

run "the_dashboard_is_found_and_its_panels_have_a_place_each" {
  command = plan

  assert {
    condition     = nonsensitive(yamldecode(kubectl_manifest.dashboard.yaml_body).metadata.labels.grafana_dashboard) == "1"
    error_message = "wanted the label that Grafana's sidecar looks for"
  }
  assert {
    condition     = length(distinct([for panel in local.dashboard.panels : panel.gridPos])) == length(local.dashboard.panels)
    error_message = "wanted no panel over another"
  }
}

run "each_alert_says_what_is_wrong_and_what_to_do" {
  command = plan

  assert {
    condition = alltrue([
      for rule in nonsensitive(yamldecode(kubectl_manifest.alerts.yaml_body)).spec.groups[0].rules :
      rule.annotations.summary != "" && rule.annotations.description != "" && contains(["critical", "warning"], rule.labels.severity)
    ])
    error_message = "wanted words and a severity"
  }
  assert {
    condition     = join(" ", sort(nonsensitive(yamldecode(kubectl_manifest.alerts.yaml_body)).spec.groups[0].rules[*].alert)) == "PoorwillErrors PoorwillLostWakeUp PoorwillQueueFull"
    error_message = "wanted three"
  }
}
