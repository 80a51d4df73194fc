data "azurerm_client_config" "current" {}

locals {
  tags = merge(var.tags, { poorwill = var.name })
  # Names of vaults are the whole world's: the hash tells this subscription's from others, and stays the same.
  hash = substr(sha256("${data.azurerm_client_config.current.subscription_id}/${var.resource_group.region}/${var.name}/${var.purpose}"), 0, 8)
}

resource "azurerm_key_vault" "this" {
  #checkov:skip=CKV_AZURE_189:AKS reads its key over the vault's public endpoint, and so does Terraform, from wherever it runs; both show a token
  #checkov:skip=CKV_AZURE_109:AKS and container registries can't use a vault behind a firewall; who may use a key is said by role
  #checkov:skip=CKV2_AZURE_32:A private endpoint would be one more network for what asks by token and gets no key out
  name                = "${substr(replace(var.name, "-", ""), 0, 13)}-${local.hash}"
  resource_group_name = var.resource_group.name
  location            = var.resource_group.region
  tenant_id           = data.azurerm_client_config.current.tenant_id

  # keys that lie in hardware, and never leave it
  sku_name = "premium"

  # Roles alone, no access policies: whoever may change the vault may not thereby use its keys.
  rbac_authorization_enabled = true

  # What is encrypted is lost with its key: a deleted vault can be had back for 90 days, by nobody be ended sooner.
  purge_protection_enabled   = true
  soft_delete_retention_days = 90

  tags = local.tags
}
