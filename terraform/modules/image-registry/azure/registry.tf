data "azurerm_client_config" "current" {}

locals {
  # Registries are named once in the world, in letters and digits: the hash tells this subscription's from others.
  hash = substr(sha256("${data.azurerm_client_config.current.subscription_id}/${var.region}/${var.name}/images"), 0, 8)
}

resource "azurerm_container_registry" "this" {
  #checkov:skip=CKV_AZURE_139:Images are pushed from wherever they are built, and pulled by nodes of any cluster, each by a token of Entra ID
  #checkov:skip=CKV_AZURE_164:Content trust is Docker's old one, which Azure retires; version services name images by their digest
  #checkov:skip=CKV_AZURE_165:One region has the clusters; a second one would be paid for and not pulled from
  #checkov:skip=CKV_AZURE_166:Quarantine holds an image until a scanner lets it go, and none is here to do that
  name                = "${replace(var.name, "-", "")}${local.hash}"
  resource_group_name = azurerm_resource_group.this.name
  location            = azurerm_resource_group.this.location
  tags                = local.tags

  sku                     = "Premium" # the only one that takes a key of yours, and forgets untagged images
  zone_redundancy_enabled = true
  data_endpoint_enabled   = true # layers come from hosts of its own, that a firewall can tell from others

  # tokens of Entra ID alone
  admin_enabled          = false
  anonymous_pull_enabled = false

  # An image loses its tag when it is one too many (purge.tf), or when the tag moves; until it goes, its digest is served.
  retention_policy_in_days = 30

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.encryption.id]
  }

  encryption {
    key_vault_key_id   = module.key_vault.keys["images"].id
    identity_client_id = azurerm_user_assigned_identity.encryption.client_id
  }

  # the registry may use its key from the start
  depends_on = [module.key_vault]
}
