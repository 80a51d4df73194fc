# Azure keeps tagged images for ever by itself; its own `acr purge` takes the tags of the oldest away each night.
resource "azurerm_container_registry_task" "purge" {
  name                  = "purge"
  container_registry_id = azurerm_container_registry.this.id
  tags                  = local.tags

  platform {
    os           = "Linux"
    architecture = "amd64"
  }

  encoded_step {
    task_content = base64encode(yamlencode({
      version = "v1.1.0"
      steps = [
        for image in sort(var.images) : {
          cmd                             = "acr purge --filter '${image}:.*' --ago 0d --keep ${var.keep_images}"
          disableWorkingDirectoryOverride = true
          timeout                         = 3600
        }
      ]
    }))
  }

  timer_trigger {
    name     = "nightly"
    schedule = "0 3 * * *"
  }
}
