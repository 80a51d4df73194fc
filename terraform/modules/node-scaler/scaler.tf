locals {
  # Each minor version of Kubernetes has its own Cluster Autoscaler: 2026-11-28.
  releases = { "1.34" = "v1.34.5", "1.35" = "v1.35.2" }
}

resource "helm_release" "scaler" {
  name       = "cluster-autoscaler"
  namespace  = "kube-system"
  repository = "https://kubernetes.github.io/autoscaler"
  chart      = "cluster-autoscaler"
  version    = "9.59.0"
  atomic     = true

  values = [yamlencode({
    fullnameOverride = "cluster-autoscaler"
    awsRegion        = var.region
    # the groups that EKS marks as this cluster's
    autoDiscovery = { clusterName = var.cluster }
    image         = { tag = local.releases[var.kubernetes_version] }
    # the account that modules/cluster/aws has bound to the role
    rbac = { serviceAccount = { name = "cluster-autoscaler" } }
    # not on a node that it may take away
    nodeSelector = { "poorwill.dev/pool" = "always-on" }
    resources    = { requests = { cpu = "50m", memory = "256Mi" }, limits = { memory = "512Mi" } }

    containerSecurityContext = {
      allowPrivilegeEscalation = false
      readOnlyRootFilesystem   = true
      capabilities             = { drop = ["ALL"] }
    }
    securityContext = {
      runAsNonRoot   = true
      runAsUser      = 65534
      runAsGroup     = 65534
      seccompProfile = { type = "RuntimeDefault" }
    }

    extraArgs = {
      # a pod of a system's that strays onto a spot node does not keep it
      skip-nodes-with-system-pods = false
      # nor does an emptyDir, which each predictor has
      skip-nodes-with-local-storage = false
      scale-down-unneeded-time      = "10m"
    }
  })]
}
