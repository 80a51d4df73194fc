output "urls" {
  description = "By model: the URL of its name over all clusters."
  value       = { for model, name in module.global : model => "https://${name.name}" }
}

output "percents" {
  description = "By model and cluster: percent of callers while all are well."
  value       = { for model, name in module.global : model => name.percents }
}
