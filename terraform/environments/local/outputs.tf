output "urls" {
  description = "Each model's stable URL."
  value       = { for name, model in module.model : name => model.url }
}

output "splits" {
  description = "Each model's percents by version, as written here."
  value       = { for name, model in module.model : name => model.split }
}
