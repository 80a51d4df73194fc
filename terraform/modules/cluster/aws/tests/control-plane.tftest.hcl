mock_provider "aws" {
  override_during = plan
  source          = "./tests/mocks"
}

variables {
  name    = "shop"
  region  = "eu-central-1"
  network = { cidr = "10.10.0.0/16" }
  tags    = { team = "ml" }
}

run "it_is_reached_from_inside_alone" {
  command = plan

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_private_access && !aws_eks_cluster.this.vpc_config[0].endpoint_public_access
    error_message = "There was to be no public endpoint."
  }

  assert {
    condition = (
      aws_vpc_security_group_ingress_rule.api.cidr_ipv4 == "10.10.0.0/16"
      && aws_vpc_security_group_ingress_rule.api.from_port == 443
      && aws_vpc_security_group_ingress_rule.api.to_port == 443
    )
    error_message = "The private endpoint was to be reached from inside the VPC, by its port alone."
  }
}

run "it_is_reached_from_outside_where_asked_for" {
  command = plan

  variables {
    api_access_cidrs = ["203.0.113.0/24"]
  }

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_private_access && aws_eks_cluster.this.vpc_config[0].endpoint_public_access
    error_message = "There was to be a public endpoint, beside the private one."
  }

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].public_access_cidrs == toset(["203.0.113.0/24"])
    error_message = "The public endpoint was to be for this range alone."
  }
}

run "all_that_is_done_is_logged" {
  command = plan

  variables {
    log_retention_days = 365
  }

  assert {
    condition     = aws_eks_cluster.this.enabled_cluster_log_types == toset(["api", "audit", "authenticator", "controllerManager", "scheduler"])
    error_message = "All logs of the control plane were to be on."
  }

  assert {
    condition = (
      aws_cloudwatch_log_group.control_plane.name == "/aws/eks/shop/cluster"
      && aws_cloudwatch_log_group.control_plane.retention_in_days == 365
      && aws_cloudwatch_log_group.control_plane.kms_key_id == aws_kms_key.this.arn
    )
    error_message = "The log was to be the one that EKS writes to, kept for a year, encrypted with the key."
  }
}

run "iam_says_who_may_do_what" {
  command = plan

  assert {
    condition     = aws_eks_cluster.this.access_config[0].authentication_mode == "API"
    error_message = "Access was to be by access entries alone."
  }

  assert {
    condition     = one(aws_eks_cluster.this.upgrade_policy).support_type == "EXTENDED" && aws_eks_cluster.this.version == "1.35"
    error_message = "The version was to be Terraform's to change."
  }

  assert {
    condition     = aws_eks_cluster.this.tags == tomap({ team = "ml", poorwill = "shop" })
    error_message = "The cluster was to bear the caller's tags and its own."
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.control_plane.policy).Statement[0].Resource == aws_kms_key.this.arn
    error_message = "The control plane was to use this key alone."
  }
}

run "secrets_are_encrypted_with_the_customers_key" {
  command = plan

  assert {
    condition     = aws_eks_cluster.this.encryption_config[0].resources == toset(["secrets"]) && aws_eks_cluster.this.encryption_config[0].provider[0].key_arn == aws_kms_key.this.arn
    error_message = "Secrets were to be encrypted with the key."
  }

  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_key.this.deletion_window_in_days == 30
    error_message = "The key was to be rotated, and not to go at once."
  }

  assert {
    condition = { for allowed in jsondecode(aws_kms_key.this.policy).Statement : allowed.Sid => keys(allowed.Principal) } == {
      RolesOfTheAccountDecide = ["AWS"]
      Logs                    = ["Service"]
      Disks                   = ["AWS"]
      DisksOfNodesThatRun     = ["AWS"]
    }
    error_message = "The key was to be the account's, the logs' and the disks'."
  }

  # a statement for everybody was to be held to one role by its condition
  assert {
    condition = alltrue([
      for allowed in jsondecode(aws_kms_key.this.policy).Statement :
      try(allowed.Condition.ArnEquals["aws:PrincipalArn"], "") == "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
      if try(allowed.Principal.AWS, "") == "*"
    ])
    error_message = "What launches nodes was to be the only role that the key's policy names."
  }

  assert {
    condition = one([
      for allowed in jsondecode(aws_kms_key.this.policy).Statement : allowed.Condition.ArnLike["kms:EncryptionContext:aws:logs:arn"] if allowed.Sid == "Logs"
    ]) == ["arn:aws:logs:eu-central-1:111122223333:log-group:/aws/eks/shop/*", "arn:aws:logs:eu-central-1:111122223333:log-group:/aws/vpc/shop/*"]
    error_message = "CloudWatch was to use the key for this cluster's logs alone."
  }
}

run "the_outputs_are_what_providers_and_modules_take" {
  command = plan

  assert {
    condition = output.access == {
      host                   = "https://eks.test"
      cluster_ca_certificate = "an authority"
      exec                   = { command = "aws", args = ["eks", "get-token", "--cluster-name", "shop", "--region", "eu-central-1", "--output", "json"] }
    }
    error_message = "Access was to be URL, authority and the command that gives a token."
  }

  assert {
    condition     = output.identity == { cluster = "shop", issuer = "https://oidc.test/id/1" }
    error_message = "The identity was to be the cluster's name and its issuer."
  }

  assert {
    condition     = output.image_puller == "arn:aws:iam::111122223333:role/r" && output.network == { id = "vpc-1", cidr = "10.10.0.0/16" }
    error_message = "Who pulls was to be the nodes' role; the network its id and range."
  }

  assert {
    condition     = "${output.name} ${output.region} ${output.kubernetes_version}" == "shop eu-central-1 1.35"
    error_message = "Name, region and version were to be told."
  }
}
