# Nodes have no right of their own to repositories of this account, see modules/cluster/aws; those named here get it.
resource "aws_ecr_repository_policy" "this" {
  for_each = length(var.pullers) > 0 ? aws_ecr_repository.this : {}

  repository = each.value.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Pull"
      Effect    = "Allow"
      Principal = { AWS = sort(var.pullers) }
      Action    = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    }]
  })
}
