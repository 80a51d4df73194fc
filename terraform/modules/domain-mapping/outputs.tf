output "urls" {
  description = "By host: the URL that reaches the model."
  value       = { for host, mapping in kubectl_manifest.mapping : host => "https://${host}" }
}
