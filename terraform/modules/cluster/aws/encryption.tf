data "aws_caller_identity" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  # AWS makes this role with an account's first node group, so it can be no principal of a key that is older
  node_launcher = "arn:aws:iam::${local.account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
}

# of Kubernetes' secrets, the nodes' disks and the logs
resource "aws_kms_key" "this" {
  #checkov:skip=CKV_AWS_33:The statements whose principal is * hold for one role alone, by their condition; see node_launcher
  description             = "Poorwill's cluster ${var.name}: secrets, disks and logs"
  enable_key_rotation     = true
  deletion_window_in_days = var.deletion_protection ? 30 : 7
  tags                    = local.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "RolesOfTheAccountDecide"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${local.account}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Logs"
        Effect    = "Allow"
        Principal = { Service = "logs.${var.region}.amazonaws.com" }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
        Resource  = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:logs:arn" = [
              for path in ["/aws/eks/${var.name}/*", "/aws/vpc/${var.name}/*"] :
              "arn:aws:logs:${var.region}:${local.account}:log-group:${path}"
            ]
          }
        }
      },
      {
        Sid       = "Disks"
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
        Resource  = "*"
        Condition = { ArnEquals = { "aws:PrincipalArn" = local.node_launcher } }
      },
      {
        Sid       = "DisksOfNodesThatRun"
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = "kms:CreateGrant"
        Resource  = "*"
        Condition = {
          ArnEquals = { "aws:PrincipalArn" = local.node_launcher }
          Bool      = { "kms:GrantIsForAWSResource" = "true" }
        }
      },
    ]
  })
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}-cluster"
  target_key_id = aws_kms_key.this.key_id
}
