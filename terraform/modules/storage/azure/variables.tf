variable "name" {
  description = "What all is called by; 3 to 20 characters."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name: wanted 3 to 20 of a-z, 0-9 and -, a letter first and no - last, so that what is called by it fits every cloud; write such as \"poorwill\"."
  }
}

variable "region" {
  description = "Region of the storage account, which is the cluster's."
  type        = string
  nullable    = false

  validation {
    condition     = contains(local.regions, var.region)
    error_message = "region: wanted a region of Azure with AKS in three zones, Key Vault and zone-redundant storage, see regions.tf; write such as \"germanywestcentral\"."
  }
}

variable "cluster" {
  description = "Whose pods reach the container: output identity of modules/cluster/azure."
  type        = object({ cluster = string, issuer = string })
  nullable    = false

  validation {
    condition     = can(regex("^https://[a-z0-9.-]+/", var.cluster.issuer))
    error_message = "cluster: wanted the issuer of an AKS cluster's tokens, https://REGION.oic.prod-aks.azure.com/...; write module.cluster.identity."
  }
}

variable "namespace" {
  description = "Namespace of the service accounts."
  type        = string
  default     = "poorwill"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.namespace))
    error_message = "namespace: wanted the name of a namespace, which is a label of a-z, 0-9 and -; write \"poorwill\"."
  }
}

variable "readers" {
  description = "Service accounts that read all of the container, and write nothing; at most 20."
  type        = set(string)
  default     = ["poorwill-predictor"]
  nullable    = false

  validation {
    condition     = length(var.readers) <= 20 && alltrue([for account in var.readers : can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", account))])
    error_message = "readers: wanted at most 20 names of service accounts, each a label of a-z, 0-9 and -; write [\"poorwill-predictor\"]."
  }

  validation {
    condition     = length(setintersection(var.readers, var.writers)) == 0
    error_message = "readers: wanted each service account as a reader or as a writer, found one as both; take it out of readers, as writers read, too."
  }
}

variable "writers" {
  description = "Service accounts that read, write and delete in the container; at most 20."
  type        = set(string)
  default     = ["poorwill-pipeline", "poorwill-deploy"] # which writes how a run ended
  nullable    = false

  validation {
    condition     = length(var.writers) <= 20 && alltrue([for account in var.writers : can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", account))])
    error_message = "writers: wanted at most 20 names of service accounts, each a label of a-z, 0-9 and -; write [\"poorwill-pipeline\"]."
  }
}

variable "keep_runs_days" {
  description = "Days after which the records of a pipeline's runs go, 1 to 3650."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.keep_runs_days >= 1 && var.keep_runs_days <= 3650 && var.keep_runs_days == floor(var.keep_runs_days)
    error_message = "keep_runs_days: wanted whole days, 1 to 3650; write 90."
  }
}

variable "keep_overwritten_days" {
  description = "Days in which what was overwritten or deleted can be had back, 1 to 365."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.keep_overwritten_days >= 1 && var.keep_overwritten_days <= 365 && var.keep_overwritten_days == floor(var.keep_overwritten_days)
    error_message = "keep_overwritten_days: wanted whole days, 1 to 365, as Azure keeps what was deleted; write 30."
  }
}

variable "delete_with_content" {
  description = "Whether destroy deletes the storage account with all models and runs in it, instead of refusing."
  type        = bool
  default     = false
  nullable    = false
}

variable "tags" {
  description = "Tags of all that can bear them, beside poorwill, which is the name."
  type        = map(string)
  default     = {}
  nullable    = false
}
