locals {
  writer_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "List", Effect = "Allow", Action = "s3:ListBucket", Resource = local.bucket_arn },
      {
        Sid    = "ReadWriteDelete"
        Effect = "Allow"
        # no DeleteObjectVersion: what a writer overwrites or deletes can be had back for keep_overwritten_days
        Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
        Resource = "${local.bucket_arn}/*"
      },
      # Decrypt also for uploads in parts
      {
        Sid       = "EncryptAndDecrypt"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = aws_kms_key.this.arn
        Condition = local.by_s3
      },
    ]
  })
}
