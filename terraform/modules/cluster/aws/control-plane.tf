locals {
  is_public = length(var.api_access_cidrs) > 0
}

# made before the cluster, or EKS makes one that is kept for ever and not encrypted with the key
resource "aws_cloudwatch_log_group" "control_plane" {
  #checkov:skip=CKV_AWS_338:How long logs are worth their price is the caller's to say, by log_retention_days
  name              = "/aws/eks/${var.name}/cluster"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.this.arn
  tags              = local.tags
}

resource "aws_eks_cluster" "this" {
  #checkov:skip=CKV_AWS_39:Public only where api_access_cidrs names who may reach it
  name     = var.name
  version  = var.kubernetes_version
  role_arn = aws_iam_role.control_plane.arn
  tags     = local.tags

  enabled_cluster_log_types = ["api", "audit", "authenticator", "controllerManager", "scheduler"]

  # the add-ons of addons.tf are all there are
  bootstrap_self_managed_addons = false

  # IAM says who may do what, no ConfigMap; who makes the cluster is its admin
  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = true
  }

  vpc_config {
    subnet_ids              = [for subnet in aws_subnet.private : subnet.id]
    endpoint_private_access = true
    endpoint_public_access  = local.is_public
    public_access_cidrs     = local.is_public ? var.api_access_cidrs : null
  }

  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = aws_kms_key.this.arn
    }
  }

  # a version whose support ends gets dearer; STANDARD would upgrade it behind Terraform's back
  upgrade_policy {
    support_type = "EXTENDED"
  }

  depends_on = [
    aws_cloudwatch_log_group.control_plane,
    aws_iam_role_policy.control_plane,
    aws_iam_role_policy_attachment.control_plane,
  ]
}

# The private endpoint, for a VPN's clients, a peer's or a runner in the VPC; nodes are let in by EKS.
resource "aws_vpc_security_group_ingress_rule" "api" {
  security_group_id = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
  description       = "API server, from inside the VPC"
  cidr_ipv4         = var.network.cidr
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  tags              = local.tags
}

resource "aws_iam_role" "control_plane" {
  # roles are named once in an account, for all regions
  name        = "${var.name}-${var.region}-control-plane"
  description = "Poorwill's cluster ${var.name}: its control plane"
  tags        = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "eks.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "control_plane" {
  role       = aws_iam_role.control_plane.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
}

resource "aws_iam_role_policy" "control_plane" {
  name = "secrets"
  role = aws_iam_role.control_plane.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["kms:Encrypt", "kms:Decrypt", "kms:ListGrants", "kms:DescribeKey"]
      Resource = aws_kms_key.this.arn
    }]
  })
}
