resource "aws_eks_node_group" "always_on" {
  cluster_name           = aws_eks_cluster.this.name
  node_group_name_prefix = "${var.name}-always-on-"
  version                = aws_eks_cluster.this.version
  node_role_arn          = aws_iam_role.node.arn
  subnet_ids             = [for subnet in aws_subnet.private : subnet.id]
  ami_type               = "BOTTLEROCKET_x86_64"
  capacity_type          = "ON_DEMAND"
  instance_types         = [coalesce(var.always_on.machine_type, "m6i.large")]
  labels                 = { "poorwill.dev/pool" = "always-on" }
  tags                   = local.tags

  scaling_config {
    min_size     = var.always_on.nodes
    desired_size = var.always_on.nodes
    max_size     = var.always_on.nodes
  }

  launch_template {
    id      = aws_launch_template.node.id
    version = aws_launch_template.node.latest_version
  }

  update_config {
    max_unavailable = 1
  }

  node_repair_config {
    enabled = true
  }

  # another machine type is another group: the new one is there before the old one goes
  lifecycle {
    create_before_destroy = true
  }

  depends_on = [
    aws_eks_addon.before_nodes,
    aws_iam_role_policy.node,
    aws_iam_role_policy_attachment.node,
    aws_route_table_association.private,
    aws_route_table_association.public,
    aws_vpc_endpoint.s3,
  ]
}
