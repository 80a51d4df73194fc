locals {
  host = "${data.aws_caller_identity.current.account_id}.dkr.ecr.${var.region}.amazonaws.com"
}

output "registry" {
  description = "Host, and what all images' names begin with."
  value       = "${local.host}/${var.name}"
}

output "images" {
  description = "By target of `make image`: what its IMAGE takes, without a tag."
  value       = { for image, repository in aws_ecr_repository.this : image => "${local.host}/${repository.name}" }
}

output "login" {
  description = "Command that logs docker in for twelve hours; the same with buildah login."
  value       = "aws ecr get-login-password --region ${var.region} | docker login --username AWS --password-stdin ${local.host}"
}
