# What modules/node-scaler may do. Cluster Autoscaler in place of EKS Auto Mode, since it holds nodes_max, adds nothing to
# a node's price (Auto Mode: some 12 percent), and is one Deployment.
resource "aws_iam_role" "node_scaler" {
  name        = "${var.name}-${var.region}-node-scaler"
  description = "Poorwill's cluster ${var.name}: what scales its spot nodes"
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
          "aws:RequestTag/kubernetes-service-account" = "cluster-autoscaler"
        }
      }
    }]
  })
}

resource "aws_iam_role_policy" "node_scaler" {
  name = "scale"
  role = aws_iam_role.node_scaler.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # AWS has no narrower resource for these
      {
        Sid    = "Look"
        Effect = "Allow"
        Action = [
          "autoscaling:DescribeAutoScalingGroups",
          "autoscaling:DescribeAutoScalingInstances",
          "autoscaling:DescribeLaunchConfigurations",
          "autoscaling:DescribeScalingActivities",
          "ec2:DescribeImages",
          "ec2:DescribeInstanceTypes",
          "ec2:DescribeLaunchTemplateVersions",
          "ec2:GetInstanceTypesFromInstanceRequirements",
        ]
        Resource = "*"
      },
      # how nodes look of a group that has none
      {
        Sid      = "LookAtGroups"
        Effect   = "Allow"
        Action   = "eks:DescribeNodegroup"
        Resource = "arn:aws:eks:${var.region}:${local.account}:nodegroup/${var.name}/*/*"
      },
      {
        Sid       = "ScaleGroupsOfTheCluster"
        Effect    = "Allow"
        Action    = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
        Resource  = "arn:aws:autoscaling:${var.region}:${local.account}:autoScalingGroup:*"
        Condition = { StringEquals = { "aws:ResourceTag/k8s.io/cluster-autoscaler/${var.name}" = "owned" } }
      },
    ]
  })
}

resource "aws_eks_pod_identity_association" "node_scaler" {
  cluster_name    = aws_eks_cluster.this.name
  namespace       = "kube-system"
  service_account = "cluster-autoscaler"
  role_arn        = aws_iam_role.node_scaler.arn
  tags            = local.tags

  depends_on = [aws_iam_role_policy.node_scaler]
}
