mock_provider "aws" {
  override_during = plan
  source          = "./tests/mocks"
}

variables {
  name    = "shop"
  region  = "eu-central-1"
  cluster = { cluster = "shop", issuer = "https://oidc.test/id/1" }
  tags    = { team = "ml" }
}

run "the_bucket_is_the_accounts_own" {
  command = plan

  assert {
    condition     = aws_s3_bucket.this.bucket == "shop-111122223333-eu-central-1"
    error_message = "The bucket's name was to hold account and region."
  }

  assert {
    condition     = aws_s3_bucket.this.tags == tomap({ team = "ml", poorwill = "shop" })
    error_message = "The bucket was to bear the caller's tags and its own."
  }

  assert {
    condition     = !aws_s3_bucket.this.force_destroy && aws_kms_key.this.deletion_window_in_days == 30
    error_message = "Nothing was to be deleted with its content unless asked for."
  }

  assert {
    condition = (
      aws_s3_bucket_public_access_block.this.block_public_acls
      && aws_s3_bucket_public_access_block.this.block_public_policy
      && aws_s3_bucket_public_access_block.this.ignore_public_acls
      && aws_s3_bucket_public_access_block.this.restrict_public_buckets
    )
    error_message = "The bucket was to be private."
  }

  assert {
    condition     = aws_s3_bucket_ownership_controls.this.rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "There were to be no access lists."
  }

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "What is overwritten was to be kept as a version."
  }
}

run "it_is_encrypted_with_the_customers_key" {
  command = plan

  assert {
    condition     = aws_kms_key.this.enable_key_rotation
    error_message = "The key was to be rotated."
  }

  assert {
    condition = one([
      for by in one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default : by
    ]) == { sse_algorithm = "aws:kms", kms_master_key_id = "arn:aws:kms:eu-central-1:111122223333:key/k" }
    error_message = "Objects were to be encrypted with the key."
  }

  assert {
    condition     = one(jsondecode(aws_kms_key.this.policy).Statement).Principal.AWS == "arn:aws:iam::111122223333:root"
    error_message = "The key was to be the account's alone."
  }
}

run "the_bucket_denies_what_nobody_may_do" {
  command = plan

  assert {
    condition = { for denied in jsondecode(aws_s3_bucket_policy.this.policy).Statement : denied.Sid => denied.Condition } == {
      OnlyByTls          = { Bool = { "aws:SecureTransport" = "false" } }
      OnlyByTls12OrNewer = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
      OnlyWithTheKey = {
        Null            = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = "false" }
        StringNotEquals = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = "arn:aws:kms:eu-central-1:111122223333:key/k" }
      }
      OnlyEncryptedByKms = {
        Null            = { "s3:x-amz-server-side-encryption" = "false" }
        StringNotEquals = { "s3:x-amz-server-side-encryption" = "aws:kms" }
      }
    }
    error_message = "Plain HTTP, old TLS and other keys were to be denied."
  }

  assert {
    condition     = alltrue([for denied in jsondecode(aws_s3_bucket_policy.this.policy).Statement : denied.Effect == "Deny"])
    error_message = "The bucket's policy was to allow nothing."
  }
}

run "old_things_go" {
  command = plan

  variables {
    keep_runs_days        = 7
    keep_overwritten_days = 14
  }

  assert {
    condition = (
      aws_s3_bucket_lifecycle_configuration.this.rule[0].filter[0].prefix == "runs/"
      && aws_s3_bucket_lifecycle_configuration.this.rule[0].expiration[0].days == 7
    )
    error_message = "Runs were to go after a week."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this.rule[1].noncurrent_version_expiration[0].noncurrent_days == 14
    error_message = "What was overwritten was to go after two weeks."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this.rule[2].abort_incomplete_multipart_upload[0].days_after_initiation == 3
    error_message = "Uploads that nobody ended were to go."
  }

  assert {
    condition     = alltrue([for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule.status == "Enabled"])
    error_message = "All rules were to hold."
  }
}

run "it_deletes_its_content_where_asked_to" {
  command = plan

  variables {
    delete_with_content = true
  }

  assert {
    condition     = aws_s3_bucket.this.force_destroy && aws_kms_key.this.deletion_window_in_days == 7
    error_message = "The bucket was to go with its content."
  }
}

run "the_outputs_are_what_the_platform_takes" {
  command = plan

  assert {
    condition     = output.store == "s3://shop-111122223333-eu-central-1" && output.bucket == "shop-111122223333-eu-central-1"
    error_message = "The store was to be the bucket's URL."
  }

  assert {
    condition     = output.environment == { POORWILL_STORE = output.store, AWS_REGION = "eu-central-1" }
    error_message = "Predictors were to be told of store and region."
  }

  assert {
    condition     = keys(output.service_accounts) == ["poorwill-deploy", "poorwill-pipeline", "poorwill-predictor"]
    error_message = "All service accounts were to be told of."
  }

  assert {
    condition     = alltrue([for account in output.service_accounts : length(account.annotations) == 0]) && length(output.pod_labels) == 0
    error_message = "Pod Identity wants no annotations and no labels."
  }
}
