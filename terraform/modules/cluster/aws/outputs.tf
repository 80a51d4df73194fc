output "name" {
  description = "The cluster's name."
  value       = aws_eks_cluster.this.name
}

output "region" {
  description = "The cluster's region."
  value       = var.region
}

output "kubernetes_version" {
  description = "The version of Kubernetes that runs."
  value       = aws_eks_cluster.this.version
}

output "access" {
  description = "How providers kubectl and helm reach the API server: its URL, its authority's certificate as PEM, and the command that gives a token."
  value = {
    host                   = aws_eks_cluster.this.endpoint
    cluster_ca_certificate = base64decode(aws_eks_cluster.this.certificate_authority[0].data)
    exec = {
      command = "aws"
      args    = ["eks", "get-token", "--cluster-name", aws_eks_cluster.this.name, "--region", var.region, "--output", "json"]
    }
  }

  # what is put into the cluster needs nodes to run on, and to be taken away again
  depends_on = [aws_eks_addon.coredns, aws_eks_node_group.spot, aws_eks_pod_identity_association.node_scaler]
}

output "identity" {
  description = "What tells the cluster's pods from those of others: variable cluster of modules/storage."
  value = {
    cluster = aws_eks_cluster.this.name
    issuer  = aws_eks_cluster.this.identity[0].oidc[0].issuer
  }
}

output "image_puller" {
  description = "Who pulls images, the nodes' role: for variable pullers of modules/image-registry."
  value       = aws_iam_role.node.arn
}

output "network" {
  description = "The VPC's id and range."
  value = {
    id   = aws_vpc.this.id
    cidr = aws_vpc.this.cidr_block
  }
}
