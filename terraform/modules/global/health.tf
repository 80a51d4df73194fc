locals {
  asks_model = var.health.asks == "model"
}

resource "aws_route53_health_check" "cluster" {
  for_each = var.clusters

  # A model is asked over TLS. Of the gateway the redirect to HTTPS is enough: Envoy gives it for hosts that it knows,
  # without a pod.
  type          = local.asks_model ? "HTTPS" : "HTTP"
  port          = local.asks_model ? 443 : 80
  resource_path = var.health.path
  enable_sni    = local.asks_model

  # The Host header, and with TLS the SNI. An address is asked for the name itself; a DNS name only for a host that
  # resolves to it, since the name resolves to any of the clusters.
  ip_address = local.is_ipv4[each.key] ? each.value.address : null
  fqdn       = local.is_ipv4[each.key] ? var.name : aws_route53_record.cluster[each.key].name

  request_interval  = var.health.interval_seconds
  failure_threshold = var.health.failures

  tags = merge(var.tags, { Name = local.own_hosts[each.key], poorwill = var.name })

  # what is asked can't be changed; the records go over to the new check before the old one ends
  lifecycle {
    create_before_destroy = true
  }
}
