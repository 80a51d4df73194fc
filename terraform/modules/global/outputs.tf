locals {
  weight_sum = sum([for cluster in values(var.clusters) : cluster.weight])
}

output "name" {
  description = "Host that callers ask."
  value       = var.name
}

output "hosts" {
  description = "By cluster: the hosts that it has to know, the name and its own; see modules/domain-mapping."
  value       = { for key, own in local.own_hosts : key => toset([var.name, own]) }
}

output "percents" {
  description = "By cluster: percent of callers while all are well, rounded to a tenth."
  value       = { for key, cluster in var.clusters : key => floor(cluster.weight * 1000 / local.weight_sum + 0.5) / 10 }
}

output "health_checks" {
  description = "By cluster: id of its health check, for an alarm on CloudWatch's metric HealthCheckStatus."
  value       = { for key, check in aws_route53_health_check.cluster : key => check.id }
}
