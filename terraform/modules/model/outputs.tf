locals {
  scheme = var.tls ? "https" : "http"
  host   = "${var.name}.${var.namespace}.${var.domain}"
}

output "url" {
  description = "The model's stable URL."
  value       = "${local.scheme}://${local.host}"
  depends_on  = [kubectl_manifest.route, module.route_ready]
}

output "version_urls" {
  description = "Each version's own URL under the model's name, by its tag."
  value       = { for share in var.traffic : "v${share.version}" => "${local.scheme}://v${share.version}-${local.host}" }
  depends_on  = [kubectl_manifest.route, module.route_ready]
}

output "split" {
  description = "Percents by tag, as written here; where split_owner is runtime, the first ones."
  value       = { for share in var.traffic : "v${share.version}" => share.percent }
}
