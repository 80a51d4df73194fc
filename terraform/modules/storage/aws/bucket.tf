data "aws_caller_identity" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  # buckets are named once in the world
  bucket     = "${var.name}-${local.account}-${var.region}"
  bucket_arn = "arn:aws:s3:::${local.bucket}"
  tags       = merge(var.tags, { poorwill = var.name })
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:Whoever wants to know who read what turns on CloudTrail's data events; a bucket of logs would need all this once more
  #checkov:skip=CKV_AWS_144:What a region lost is pushed or trained again; versions are the same bytes in any bucket
  #checkov:skip=CKV2_AWS_62:Pipelines take events from whoever brings the data, not from the bucket of versions
  bucket        = local.bucket
  force_destroy = var.delete_with_content
  tags          = local.tags

  lifecycle {
    precondition {
      condition     = data.aws_region.current.name == var.region
      error_message = "region: wanted the provider's own region; write provider \"aws\" { region = \"${var.region}\" }."
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# no access lists: policies alone say who may do what
resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}
