output "store" {
  description = "The store's URL, as POORWILL_STORE takes it."
  value       = "s3://${aws_s3_bucket.this.bucket}"
}

output "environment" {
  description = "Data of the ConfigMap poorwill-store: variable environment of modules/platform."
  value = {
    POORWILL_STORE = "s3://${aws_s3_bucket.this.bucket}"
    AWS_REGION     = var.region
  }
}

output "service_accounts" {
  description = "By service account: its annotations, none on AWS; variable service_accounts of modules/platform."
  value       = { for account in keys(local.kinds) : account => { annotations = tomap({}) } }

  # a pod that starts before its association has no keys until it is made again
  depends_on = [aws_eks_pod_identity_association.this]
}

output "pod_labels" {
  description = "Labels of pods that reach the store, none on AWS; variable pod_labels of modules/platform and modules/model."
  value       = tomap({})
}

output "bucket" {
  description = "The bucket's name."
  value       = aws_s3_bucket.this.bucket
}
