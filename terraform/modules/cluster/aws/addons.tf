locals {
  # What a node needs to be Ready, before there is one: the network, and Pod Identity, by which the network has its role.
  addons_before_nodes = {
    eks-pod-identity-agent = null
    kube-proxy             = null
    # knative/ has NetworkPolicies, which nobody would enforce without it
    vpc-cni = jsonencode({ enableNetworkPolicy = "true" })
  }
}

# EKS' own choice for the version of Kubernetes, so that add-ons go with the cluster's upgrades
data "aws_eks_addon_version" "this" {
  for_each = toset(concat(keys(local.addons_before_nodes), ["coredns"]))

  addon_name         = each.value
  kubernetes_version = aws_eks_cluster.this.version
}

resource "aws_eks_addon" "before_nodes" {
  for_each = local.addons_before_nodes

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  addon_version               = data.aws_eks_addon_version.this[each.key].version
  configuration_values        = each.value
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"
  tags                        = local.tags

  dynamic "pod_identity_association" {
    for_each = each.key == "vpc-cni" ? [aws_iam_role.network.arn] : []

    content {
      service_account = "aws-node"
      role_arn        = pod_identity_association.value
    }
  }

  depends_on = [aws_iam_role_policy_attachment.network]
}

# its pods need nodes to be Ready
resource "aws_eks_addon" "coredns" {
  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = "coredns"
  addon_version               = data.aws_eks_addon_version.this["coredns"].version
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"
  tags                        = local.tags

  depends_on = [aws_eks_node_group.always_on]
}

# Addresses of pods are the network add-on's to give, not any pod's of the node.
resource "aws_iam_role" "network" {
  name        = "${var.name}-${var.region}-network"
  description = "Poorwill's cluster ${var.name}: the add-on that gives pods their addresses"
  tags        = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "pods.eks.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Condition = {
        StringEquals = {
          "aws:RequestTag/eks-cluster-name"           = var.name
          "aws:RequestTag/kubernetes-namespace"       = "kube-system"
          "aws:RequestTag/kubernetes-service-account" = "aws-node"
        }
      }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "network" {
  role       = aws_iam_role.network.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"
}
