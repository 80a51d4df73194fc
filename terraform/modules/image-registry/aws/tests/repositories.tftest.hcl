mock_provider "aws" {
  override_during = plan
  source          = "./tests/mocks"
}

variables {
  name    = "shop"
  region  = "eu-central-1"
  pullers = ["arn:aws:iam::111122223333:role/shop-eu-central-1-node"]
  tags    = { team = "ml" }
}

run "images_are_private_encrypted_immutable_and_scanned" {
  command = plan

  assert {
    condition     = toset([for repository in aws_ecr_repository.this : repository.name]) == toset(["shop/serve", "shop/deploy", "shop/train"])
    error_message = "Each image was to have its repository."
  }

  assert {
    condition     = alltrue([for repository in aws_ecr_repository.this : repository.image_tag_mutability == "IMMUTABLE"])
    error_message = "A tag was to be one image for good."
  }

  assert {
    condition     = alltrue([for repository in aws_ecr_repository.this : repository.image_scanning_configuration[0].scan_on_push])
    error_message = "Images were to be scanned when they come."
  }

  assert {
    condition = alltrue([
      for repository in aws_ecr_repository.this :
      repository.encryption_configuration[0].encryption_type == "KMS"
      && repository.encryption_configuration[0].kms_key == "arn:aws:kms:eu-central-1:111122223333:key/k"
    ])
    error_message = "Images were to be encrypted with the key."
  }

  assert {
    condition     = aws_kms_key.this.enable_key_rotation && one(jsondecode(aws_kms_key.this.policy).Statement).Principal.AWS == "arn:aws:iam::111122223333:root"
    error_message = "The key was to be rotated, and the account's alone."
  }

  assert {
    condition     = alltrue([for repository in aws_ecr_repository.this : repository.tags == tomap({ team = "ml", poorwill = "shop" })])
    error_message = "Repositories were to bear the caller's tags and their own."
  }

  assert {
    condition     = alltrue([for repository in aws_ecr_repository.this : repository.force_delete != true])
    error_message = "A repository that holds images was not to be deleted."
  }
}

run "pullers_pull_and_nothing_else" {
  command = plan

  assert {
    condition = jsondecode(aws_ecr_repository_policy.this["serve"].policy).Statement == [{
      Sid       = "Pull"
      Effect    = "Allow"
      Principal = { AWS = ["arn:aws:iam::111122223333:role/shop-eu-central-1-node"] }
      Action    = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    }]
    error_message = "Only the nodes' role was to pull, and only to pull."
  }
}

run "without_pullers_nobody_is_let_in" {
  command = plan

  variables {
    pullers = []
  }

  assert {
    condition     = length(aws_ecr_repository_policy.this) == 0
    error_message = "There was to be no policy, which can't name nobody."
  }
}

run "old_images_go" {
  command = plan

  variables {
    keep_images = 5
  }

  assert {
    condition = [for rule in jsondecode(aws_ecr_lifecycle_policy.this["train"].policy).rules : rule.selection] == [
      { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 1 },
      { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 5 },
    ]
    error_message = "Untagged images were to go, and all but the newest five."
  }
}

run "the_outputs_are_what_make_image_takes" {
  command = plan

  assert {
    condition     = output.registry == "111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop"
    error_message = "The registry was to be host and name."
  }

  assert {
    condition     = output.images["serve"] == "${output.registry}/serve" && length(output.images) == 3
    error_message = "Each image was to have its name, without a tag."
  }

  assert {
    condition     = output.login == "aws ecr get-login-password --region eu-central-1 | docker login --username AWS --password-stdin 111122223333.dkr.ecr.eu-central-1.amazonaws.com"
    error_message = "The command was to log in at the registry's host."
  }
}
