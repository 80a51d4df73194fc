# the zone is somebody's already: it is found, never made or deleted with a model's name
data "aws_route53_zone" "this" {
  name         = var.zone
  private_zone = false
}
