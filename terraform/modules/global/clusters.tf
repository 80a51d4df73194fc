locals {
  is_ipv4 = { for key, cluster in var.clusters : key => can(cidrhost("${cluster.address}/32", 0)) }
  # each cluster's own host, under which it can be asked whatever the weights are
  own_hosts = { for key in keys(var.clusters) : key => "${key}.${var.name}" }
}

# EKS gives its ingress a DNS name, GKE and AKS an address
resource "aws_route53_record" "cluster" {
  for_each = var.clusters

  zone_id = data.aws_route53_zone.this.zone_id
  name    = local.own_hosts[each.key]
  type    = local.is_ipv4[each.key] ? "A" : "CNAME"
  ttl     = var.ttl_seconds
  records = [each.value.address]
}
