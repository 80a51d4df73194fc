variable "name" {
  description = "What all is called by, the repository first; 3 to 20 characters."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name: wanted 3 to 20 of a-z, 0-9 and -, a letter first and no - last, so that what is called by it fits every cloud; write such as \"poorwill\"."
  }
}

variable "region" {
  description = "Region of the registry, best that of the clusters."
  type        = string
  nullable    = false

  validation {
    condition     = contains(local.regions, var.region)
    error_message = "region: wanted a region of Google Cloud with GKE in three zones, Cloud KMS and Artifact Registry, see regions.tf; write such as \"europe-west3\"."
  }
}

variable "pullers" {
  description = "Who pulls: outputs image_puller of modules/cluster/gcp, service accounts of any projects."
  type        = list(string)
  nullable    = false

  validation {
    condition     = alltrue([for puller in var.pullers : can(regex("^[a-z0-9-]+@[a-z0-9.-]+\\.gserviceaccount\\.com$", puller))])
    error_message = "pullers: wanted addresses of service accounts, without serviceAccount: before them; write [module.cluster.image_puller]."
  }
}

variable "images" {
  description = "Images, by their targets in `make image`."
  type        = set(string)
  default     = ["serve", "deploy", "train"]
  nullable    = false

  validation {
    condition     = length(var.images) > 0 && alltrue([for image in var.images : can(regex("^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$", image))])
    error_message = "images: wanted one or more, each 1 to 40 of a-z, 0-9 and -; write [\"serve\", \"deploy\", \"train\"]."
  }
}

variable "keep_images" {
  description = "How many images of each are kept at least, 1 to 1000; older ones go where no tag names them. Keep more than there are versions in any traffic."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.keep_images >= 1 && var.keep_images <= 1000 && var.keep_images == floor(var.keep_images)
    error_message = "keep_images: wanted a whole number, 1 to 1000; write 30."
  }
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
