mock_provider "aws" {
  override_during = plan
  source          = "./tests/mocks"
}

variables {
  name    = "shop"
  region  = "eu-central-1"
  cluster = { cluster = "shop", issuer = "https://oidc.test/id/1" }
}

run "a_reader_reads" {
  command = plan

  assert {
    condition = { for allowed in jsondecode(aws_iam_role_policy.this["reader"].policy).Statement : allowed.Action => allowed.Resource } == {
      "s3:ListBucket" = "arn:aws:s3:::shop-111122223333-eu-central-1"
      "s3:GetObject"  = "arn:aws:s3:::shop-111122223333-eu-central-1/*"
      "kms:Decrypt"   = "arn:aws:kms:eu-central-1:111122223333:key/k"
    }
    error_message = "A reader was to list, read and decrypt in this bucket, and nothing else."
  }
}

run "a_writer_writes_in_this_bucket_alone" {
  command = plan

  assert {
    condition = toset(flatten([for allowed in jsondecode(aws_iam_role_policy.this["writer"].policy).Statement : allowed.Action])) == toset([
      "s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "kms:Decrypt", "kms:GenerateDataKey",
    ])
    error_message = "A writer was to read, write and delete, and not to delete for good."
  }

  assert {
    condition = toset([for allowed in jsondecode(aws_iam_role_policy.this["writer"].policy).Statement : allowed.Resource]) == toset([
      "arn:aws:s3:::shop-111122223333-eu-central-1",
      "arn:aws:s3:::shop-111122223333-eu-central-1/*",
      "arn:aws:kms:eu-central-1:111122223333:key/k",
    ])
    error_message = "A writer was to reach this bucket and its key alone."
  }
}

run "a_role_is_its_service_accounts_alone" {
  command = plan

  variables {
    namespace = "models"
    readers   = ["poorwill-predictor"]
    writers   = ["poorwill-pipeline", "poorwill-deploy"]
  }

  assert {
    condition = jsondecode(aws_iam_role.this["writer"].assume_role_policy).Statement == [{
      Effect    = "Allow"
      Principal = { Service = "pods.eks.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Condition = {
        StringEquals = {
          "aws:RequestTag/eks-cluster-name"           = "shop"
          "aws:RequestTag/kubernetes-namespace"       = "models"
          "aws:RequestTag/kubernetes-service-account" = ["poorwill-deploy", "poorwill-pipeline"]
        }
      }
    }]
    error_message = "Only pods of the writers' accounts, in their namespace and cluster, were to take the role."
  }

  assert {
    condition     = aws_iam_role.this["reader"].name == "shop-eu-central-1-store-reader" && aws_iam_role.this["writer"].name == "shop-eu-central-1-store-writer"
    error_message = "A role's name was to hold the region, as roles are the whole account's."
  }

  assert {
    condition = { for account, association in aws_eks_pod_identity_association.this : account => "${association.cluster_name}/${association.namespace}/${association.service_account}" } == {
      poorwill-deploy    = "shop/models/poorwill-deploy"
      poorwill-pipeline  = "shop/models/poorwill-pipeline"
      poorwill-predictor = "shop/models/poorwill-predictor"
    }
    error_message = "Each service account was to have its association."
  }

  assert {
    condition     = local.kinds == { poorwill-deploy = "writer", poorwill-pipeline = "writer", poorwill-predictor = "reader" }
    error_message = "Each service account was to have the role of its kind."
  }
}

run "the_longest_name_fits" {
  command = plan

  variables {
    name   = "a2345678901234567890"
    region = "ap-southeast-1"
  }

  override_data {
    target = data.aws_region.current
    values = { name = "ap-southeast-1" }
  }

  assert {
    condition     = length(aws_s3_bucket.this.bucket) <= 63 && length(aws_iam_role.this["writer"].name) <= 64
    error_message = "The longest name was to fit."
  }
}
