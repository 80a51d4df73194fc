output "namespace" {
  description = "Namespace of Prometheus and Grafana."
  value       = var.namespace
  depends_on  = [helm_release.stack]
}

output "grafana" {
  description = "The command that brings Grafana to http://127.0.0.1:3000, with the dashboard Poorwill."
  value       = "kubectl --namespace ${var.namespace} port-forward service/kube-prometheus-stack-grafana 3000:80"
}

output "grafana_password" {
  description = "The command that prints the password of Grafana's user admin, which is in no state."
  value       = "kubectl --namespace ${var.namespace} get secret kube-prometheus-stack-grafana --output jsonpath='{.data.admin-password}' | base64 --decode"
}
