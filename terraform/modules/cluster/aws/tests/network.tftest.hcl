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

run "nodes_are_private" {
  command = plan

  assert {
    condition = { for zone, subnet in aws_subnet.private : zone => subnet.cidr_block } == {
      eu-central-1a = "10.10.0.0/18"
      eu-central-1b = "10.10.64.0/18"
      eu-central-1c = "10.10.128.0/18"
    }
    error_message = "Each zone's nodes and pods were to have a quarter of the range."
  }

  assert {
    condition = { for zone, subnet in aws_subnet.public : zone => subnet.cidr_block } == {
      eu-central-1a = "10.10.192.0/22"
      eu-central-1b = "10.10.196.0/22"
      eu-central-1c = "10.10.200.0/22"
    }
    error_message = "What is public was to lie in the last quarter."
  }

  assert {
    condition     = alltrue([for subnet in concat(values(aws_subnet.private), values(aws_subnet.public)) : subnet.map_public_ip_on_launch != true])
    error_message = "Nothing was to get a public address unasked."
  }

  assert {
    condition     = alltrue([for subnet in aws_subnet.public : subnet.tags["kubernetes.io/role/elb"] == "1"])
    error_message = "Public load balancers were to find the public subnets."
  }

  assert {
    condition     = alltrue([for subnet in aws_subnet.private : subnet.tags["kubernetes.io/role/internal-elb"] == "1"])
    error_message = "Private load balancers were to find the private subnets."
  }
}

run "there_is_one_way_out" {
  command = plan

  assert {
    condition     = one(aws_route_table.private.route).nat_gateway_id == aws_nat_gateway.this.id && one(aws_route_table.private.route).gateway_id != aws_internet_gateway.this.id
    error_message = "The private subnets' way out was to be the NAT gateway."
  }

  assert {
    condition     = one(aws_route_table.public.route).gateway_id == aws_internet_gateway.this.id
    error_message = "The public subnets' way out was to be the internet gateway."
  }

  assert {
    condition     = aws_vpc_endpoint.s3.vpc_endpoint_type == "Gateway" && aws_vpc_endpoint.s3.service_name == "com.amazonaws.eu-central-1.s3"
    error_message = "Models were to come by S3's endpoint."
  }
}

run "what_flows_is_logged" {
  command = plan

  assert {
    condition     = aws_flow_log.this.traffic_type == "ALL" && aws_flow_log.this.vpc_id == aws_vpc.this.id
    error_message = "All of the VPC's traffic was to be logged."
  }

  assert {
    condition     = aws_cloudwatch_log_group.flows.retention_in_days == 90 && aws_cloudwatch_log_group.flows.kms_key_id == aws_kms_key.this.arn
    error_message = "The log was to be kept for 90 days, encrypted with the key."
  }

  assert {
    condition     = one(jsondecode(aws_iam_role_policy.flows.policy).Statement).Resource == "arn:aws:logs:eu-central-1:111122223333:log-group:/aws/vpc/shop/flows:*"
    error_message = "Who writes the log was to write this one alone."
  }

  assert {
    condition     = one(jsondecode(aws_iam_role.flows.assume_role_policy).Statement).Condition.StringEquals["aws:SourceAccount"] == "111122223333"
    error_message = "Who writes the log was to come from this account."
  }
}

run "the_default_security_group_is_emptied" {
  command = plan

  assert {
    condition     = aws_default_security_group.this.vpc_id == aws_vpc.this.id
    error_message = "The VPC's default security group was to be Terraform's, which leaves no rule in it."
  }
}

run "the_smallest_range_has_room" {
  command = plan

  variables {
    network = { cidr = "172.16.16.0/20", zones = 2 }
  }

  assert {
    condition     = { for zone, subnet in aws_subnet.private : zone => subnet.cidr_block } == { eu-central-1a = "172.16.16.0/22", eu-central-1b = "172.16.20.0/22" }
    error_message = "A zone was to have a thousand addresses of the smallest range."
  }

  assert {
    condition     = { for zone, subnet in aws_subnet.public : zone => subnet.cidr_block } == { eu-central-1a = "172.16.28.0/26", eu-central-1b = "172.16.28.64/26" }
    error_message = "What is public was to have its part of the smallest range."
  }
}
