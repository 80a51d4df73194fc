# EKS Pod Identity: pods get keys of an hour for their service account's role, and nothing is stored in the cluster.
locals {
  identities = {
    reader = { accounts = var.readers, policy = local.reader_policy }
    writer = { accounts = var.writers, policy = local.writer_policy }
  }

  # account -> reader or writer
  kinds = merge([
    for kind, identity in local.identities : { for account in identity.accounts : account => kind }
  ]...)
}

resource "aws_iam_role" "this" {
  for_each = local.identities

  # roles are named once in an account, for all regions
  name        = "${var.name}-${var.region}-store-${each.key}"
  description = "Poorwill's store ${var.name}: ${each.key} of ${local.bucket}"
  tags        = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "pods.eks.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      # or any association in the account could hand the role to any pod
      Condition = {
        StringEquals = {
          "aws:RequestTag/eks-cluster-name"           = var.cluster.cluster
          "aws:RequestTag/kubernetes-namespace"       = var.namespace
          "aws:RequestTag/kubernetes-service-account" = sort(each.value.accounts)
        }
      }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  for_each = local.identities

  name   = "store"
  role   = aws_iam_role.this[each.key].name
  policy = each.value.policy
}

resource "aws_eks_pod_identity_association" "this" {
  for_each = local.kinds

  cluster_name    = var.cluster.cluster
  namespace       = var.namespace
  service_account = each.key
  role_arn        = aws_iam_role.this[each.value].arn
  tags            = local.tags

  depends_on = [aws_iam_role_policy.this]
}
