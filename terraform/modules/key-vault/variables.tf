variable "name" {
  description = "What all of it is called, 3 to 20 of a-z, 0-9 and -; the vault is named after it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name: wanted 3 to 20 of a-z, 0-9 and -, a letter first and no - last; write such as \"digits-prod\"."
  }
}

variable "purpose" {
  description = "Whose keys these are, such as cluster; vaults of one name differ by it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z-]{0,18}[a-z]$", var.purpose))
    error_message = "purpose: wanted 2 to 20 of a-z and -; write such as \"storage\"."
  }
}

variable "resource_group" {
  description = "Name and region of the resource group that the vault lies in."
  type = object({
    name   = string
    region = string
  })
  nullable = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_.()-]{0,89}[A-Za-z0-9_()-]$", var.resource_group.name)) && can(regex("^[a-z0-9]+$", var.resource_group.region))
    error_message = "resource_group: wanted its name, at most 90 characters, and its region without spaces; write such as { name = \"digits-prod-storage\", region = \"germanywestcentral\" }."
  }
}

variable "keys" {
  description = "Names of the keys, each for one use."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.keys) > 0 && alltrue([for key in var.keys : can(regex("^[a-z][a-z0-9-]{0,62}$", key))])
    error_message = "keys: wanted one or more, each called by a-z, 0-9 and -, a letter first; write such as [\"disks\"]."
  }
}

variable "users" {
  description = "By a short name: which identity (its object id) may use which key, in which role of Key Vault's."
  type = map(object({
    key          = string
    principal_id = string
    role         = optional(string, "Key Vault Crypto Service Encryption User")
  }))
  nullable = false

  validation {
    condition     = alltrue([for user in values(var.users) : contains(var.keys, user.key)])
    error_message = "users: wanted each to use one of keys (${join(", ", var.keys)}); write one of these names as its key."
  }

  validation {
    condition     = alltrue([for user in values(var.users) : contains(["Key Vault Crypto Service Encryption User", "Key Vault Crypto User"], user.role)])
    error_message = "users: wanted a role that uses keys and manages none; write \"Key Vault Crypto Service Encryption User\" (wraps), or \"Key Vault Crypto User\" (encrypts, as AKS does with what is in etcd)."
  }
}

variable "settle_seconds" {
  description = "How long to wait until the vault knows of a new right, seconds. Range 0 to 600."
  type        = number
  default     = 60 # mostly a few seconds; a right that comes too late fails the apply, which then has to be begun again
  nullable    = false

  validation {
    condition     = var.settle_seconds >= 0 && var.settle_seconds <= 600 && var.settle_seconds == floor(var.settle_seconds)
    error_message = "settle_seconds: wanted whole seconds, 0 to 600; write 60."
  }
}

variable "tags" {
  description = "Tags of all that can bear them, beside poorwill, which is the name."
  type        = map(string)
  default     = {}
  nullable    = false
}
