locals {
  # what S3 asks of the key for a pod; nothing else may use it for one
  by_s3 = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }

  reader_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "List", Effect = "Allow", Action = "s3:ListBucket", Resource = local.bucket_arn },
      { Sid = "Read", Effect = "Allow", Action = "s3:GetObject", Resource = "${local.bucket_arn}/*" },
      { Sid = "Decrypt", Effect = "Allow", Action = "kms:Decrypt", Resource = aws_kms_key.this.arn, Condition = local.by_s3 },
    ]
  })
}
