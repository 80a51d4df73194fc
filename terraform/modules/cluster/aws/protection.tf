# EKS knows protection against deletion, but this version of the provider does not: what is destroyed before all else refuses.
resource "terraform_data" "deletion_protection" {
  input = var.deletion_protection

  provisioner "local-exec" {
    when    = destroy
    quiet   = true
    command = self.input ? "echo deletion_protection is true: apply false first, then destroy && exit 1" : "exit 0"
  }

  depends_on = [
    aws_cloudwatch_log_group.flows,
    aws_eks_addon.coredns,
    aws_eks_node_group.spot,
    aws_eks_pod_identity_association.node_scaler,
    aws_flow_log.this,
    aws_kms_alias.this,
    aws_vpc_security_group_ingress_rule.api,
    aws_default_security_group.this,
  ]
}
