resource "azurerm_storage_management_policy" "this" {
  storage_account_id = azurerm_storage_account.this.id

  rule {
    name    = "runs"
    enabled = true

    filters {
      blob_types   = ["blockBlob"]
      prefix_match = ["${azurerm_storage_container.models.name}/runs/"]
    }

    actions {
      base_blob {
        delete_after_days_since_modification_greater_than = var.keep_runs_days
      }
    }
  }

  # Azure counts a version's days from when it was written, not from when it was overwritten: it may go at once then. What
  # goes can be had back for as many days again (account.tf), so none is lost sooner than was promised.
  rule {
    name    = "overwritten"
    enabled = true

    filters {
      blob_types   = ["blockBlob"]
      prefix_match = ["${azurerm_storage_container.models.name}/"]
    }

    actions {
      version {
        delete_after_days_since_creation = var.keep_overwritten_days
      }
    }
  }
}
