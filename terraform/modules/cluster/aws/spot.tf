# No taint: a pod that fits on the always-on nodes runs there, and one that does not makes this pool grow.
resource "aws_eks_node_group" "spot" {
  cluster_name           = aws_eks_cluster.this.name
  node_group_name_prefix = "${var.name}-spot-"
  version                = aws_eks_cluster.this.version
  node_role_arn          = aws_iam_role.node.arn
  subnet_ids             = [for subnet in aws_subnet.private : subnet.id]
  ami_type               = "BOTTLEROCKET_x86_64"
  capacity_type          = "SPOT"
  # several, of as much memory and as many cores, so that spot has more to choose from
  instance_types = coalesce(var.spot.machine_types, ["m6i.large", "m6a.large", "m5.large", "m5a.large"])
  labels         = { "poorwill.dev/pool" = "spot" }
  tags           = local.tags

  scaling_config {
    min_size     = 0
    desired_size = 0
    max_size     = var.spot.nodes_max
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

  lifecycle {
    create_before_destroy = true
    # the scaler's from the first pod on
    ignore_changes = [scaling_config[0].desired_size]
  }

  # the always-on group's first, so that the cluster's own pods are not on nodes that may end
  depends_on = [aws_eks_node_group.always_on]
}
