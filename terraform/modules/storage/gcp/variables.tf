variable "name" {
  description = "What all is called by; 3 to 20 characters."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name: wanted 3 to 20 of a-z, 0-9 and -, a letter first and no - last, so that what is called by it fits every cloud; write such as \"poorwill\"."
  }

  validation {
    condition     = !can(regex("^goog|g[o0][o0]g[l1]e", var.name))
    error_message = "name: wanted one without google in it and without goog at its beginning, since Cloud Storage refuses such buckets; write such as \"poorwill\"."
  }
}

variable "region" {
  description = "Region of the bucket, which is the cluster's."
  type        = string
  nullable    = false

  validation {
    condition     = contains(local.regions, var.region)
    error_message = "region: wanted a region of Google Cloud with GKE in three zones, Cloud KMS and Artifact Registry, see regions.tf; write such as \"europe-west3\"."
  }
}

variable "cluster" {
  description = "Whose pods reach the bucket: output identity of modules/cluster/gcp."
  type        = object({ cluster = string, issuer = string })
  nullable    = false

  validation {
    condition     = can(regex("^https://container\\.googleapis\\.com/v1/projects/[^/]+/locations/[^/]+/clusters/[^/]+$", var.cluster.issuer))
    error_message = "cluster: wanted the issuer of a GKE cluster, https://container.googleapis.com/v1/projects/.../locations/.../clusters/...; write module.cluster.identity."
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
  description = "Service accounts that read all of the bucket, and write nothing."
  type        = set(string)
  default     = ["poorwill-predictor"]
  nullable    = false

  validation {
    condition     = alltrue([for account in var.readers : can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", account))])
    error_message = "readers: wanted names of service accounts, each a label of a-z, 0-9 and -; write [\"poorwill-predictor\"]."
  }

  validation {
    condition     = length(setintersection(var.readers, var.writers)) == 0
    error_message = "readers: wanted each service account as a reader or as a writer, found one as both; take it out of readers, as writers read, too."
  }
}

variable "writers" {
  description = "Service accounts that read, write and delete in the bucket."
  type        = set(string)
  default     = ["poorwill-pipeline", "poorwill-deploy"] # which writes how a run ended
  nullable    = false

  validation {
    condition     = alltrue([for account in var.writers : can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", account))])
    error_message = "writers: wanted names of service accounts, each a label of a-z, 0-9 and -; write [\"poorwill-pipeline\"]."
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
  description = "Days in which what was overwritten or deleted can be had back, 1 to 3650."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.keep_overwritten_days >= 1 && var.keep_overwritten_days <= 3650 && var.keep_overwritten_days == floor(var.keep_overwritten_days)
    error_message = "keep_overwritten_days: wanted whole days, 1 to 3650; write 30."
  }
}

variable "delete_with_content" {
  description = "Whether destroy deletes the bucket with all models and runs in it, instead of refusing."
  type        = bool
  default     = false
  nullable    = false
}

variable "tags" {
  description = "Labels of all that can bear them, beside poorwill, which is the name."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key, value in var.tags : can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))])
    error_message = "tags: wanted keys and values as Google Cloud takes labels, at most 63 of a-z, 0-9, _ and -, a letter first in keys; write such as { team = \"ml\" }."
  }
}
