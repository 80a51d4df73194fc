locals {
  tags = merge(var.tags, { poorwill = var.name })
}

# Destroy refuses a repository that holds images: predictors that run may have to pull theirs again.
resource "aws_ecr_repository" "this" {
  for_each = var.images

  name                 = "${var.name}/${each.value}"
  image_tag_mutability = "IMMUTABLE"
  tags                 = local.tags

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.this.arn
  }

  image_scanning_configuration {
    scan_on_push = true
  }

  lifecycle {
    precondition {
      condition     = data.aws_region.current.name == var.region
      error_message = "region: wanted the provider's own region; write provider \"aws\" { region = \"${var.region}\" }."
    }
  }
}
