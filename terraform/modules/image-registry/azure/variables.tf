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
  description = "Region of the registry, best that of the clusters."
  type        = string
  nullable    = false

  validation {
    condition     = contains(local.regions, var.region)
    error_message = "region: wanted a region of Azure with AKS in three zones, Key Vault and zone-redundant storage, see regions.tf; write such as \"germanywestcentral\"."
  }
}

variable "pullers" {
  description = "Who pulls: outputs image_puller of modules/cluster/azure, object ids of identities."
  type        = list(string)
  nullable    = false

  validation {
    condition     = alltrue([for puller in var.pullers : can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", puller))])
    error_message = "pullers: wanted object ids of identities; write [module.cluster.image_puller]."
  }

  validation {
    condition     = length(distinct(var.pullers)) == length(var.pullers)
    error_message = "pullers: wanted each identity once, found one twice, and Azure refuses a right that is there; take one of them out."
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
  description = "How many images of each are kept, 1 to 1000; the oldest go. Keep more than there are versions in any traffic."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.keep_images >= 1 && var.keep_images <= 1000 && var.keep_images == floor(var.keep_images)
    error_message = "keep_images: wanted a whole number, 1 to 1000; write 30."
  }
}

variable "tags" {
  description = "Tags of all that can bear them, beside poorwill, which is the name."
  type        = map(string)
  default     = {}
  nullable    = false
}
