output "registry" {
  description = "Host, and what all images' names begin with."
  value       = azurerm_container_registry.this.login_server
}

output "images" {
  description = "By target of `make image`: what its IMAGE takes, without a tag."
  value       = { for image in var.images : image => "${azurerm_container_registry.this.login_server}/${image}" }

  # an image that is pulled before nodes may is refused
  depends_on = [azurerm_role_assignment.puller]
}

output "login" {
  description = "Command that logs docker in for three hours; the same with buildah login."
  value       = "az acr login --name ${azurerm_container_registry.this.name} --expose-token --query accessToken --output tsv | docker login --username 00000000-0000-0000-0000-000000000000 --password-stdin ${azurerm_container_registry.this.login_server}"
}
