mock_data "aws_caller_identity" {
  defaults = { account_id = "111122223333" }
}

mock_data "aws_region" {
  defaults = { name = "eu-central-1" }
}

mock_data "aws_availability_zones" {
  defaults = { names = ["eu-central-1a", "eu-central-1b", "eu-central-1c"] }
}

mock_data "aws_eks_addon_version" {
  defaults = { version = "v1.0.0-eksbuild.1" }
}

mock_resource "aws_kms_key" {
  defaults = { arn = "arn:aws:kms:eu-central-1:111122223333:key/k", key_id = "k" }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::111122223333:role/r" }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = { arn = "arn:aws:logs:eu-central-1:111122223333:log-group:l" }
}

mock_resource "aws_vpc" {
  defaults = { id = "vpc-1" }
}

mock_resource "aws_nat_gateway" {
  defaults = { id = "nat-1" }
}

mock_resource "aws_internet_gateway" {
  defaults = { id = "igw-1" }
}

mock_resource "aws_launch_template" {
  defaults = { id = "lt-1", latest_version = 1 }
}

mock_resource "aws_eks_cluster" {
  defaults = {
    endpoint = "https://eks.test"
    # "an authority"
    certificate_authority = [{ data = "YW4gYXV0aG9yaXR5" }]
    identity              = [{ oidc = [{ issuer = "https://oidc.test/id/1" }] }]
    vpc_config            = { cluster_security_group_id = "sg-1" }
  }
}
