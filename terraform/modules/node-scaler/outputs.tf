output "release" {
  description = "Cluster Autoscaler's release."
  value       = local.releases[var.kubernetes_version]

  depends_on = [helm_release.scaler]
}
