# Records of one name have to be of one type: CNAMEs to the clusters' own hosts, whatever those are.
resource "aws_route53_record" "name" {
  for_each = var.clusters

  zone_id         = data.aws_route53_zone.this.zone_id
  name            = var.name
  type            = "CNAME"
  ttl             = var.ttl_seconds
  records         = [aws_route53_record.cluster[each.key].name]
  set_identifier  = each.key
  health_check_id = aws_route53_health_check.cluster[each.key].id

  weighted_routing_policy {
    weight = each.value.weight
  }
}
