variable "name" {
  description = "What all of it is called; 3 to 20 characters."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name: wanted 3 to 20 of a-z, 0-9 and -, a letter first and no - last, so that what is called by it fits every cloud; write such as \"poorwill\"."
  }
}

variable "purpose" {
  description = "Whose keys these are, such as cluster; rings of one name differ by it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z-]{0,18}[a-z]$", var.purpose))
    error_message = "purpose: wanted 2 to 20 of a-z and -; write such as \"store\"."
  }
}

variable "region" {
  description = "Region of the keys, which is that of what they encrypt."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region: wanted one region, neither a zone nor a bigger part of the world; write such as \"europe-west3\"."
  }
}

variable "keys" {
  description = "By name of a key: address of the service agent that encrypts with it, and nothing else does."
  type        = map(string)
  nullable    = false

  validation {
    condition     = length(var.keys) > 0 && alltrue([for key in keys(var.keys) : can(regex("^[a-z][a-z0-9-]{0,62}$", key))])
    error_message = "keys: wanted one or more, each called by a-z, 0-9 and -, a letter first; write such as { store = \"service-1@gs-project-accounts.iam.gserviceaccount.com\" }."
  }

  validation {
    condition     = alltrue([for agent in values(var.keys) : !strcontains(agent, ":")])
    error_message = "keys: wanted each service agent by its address alone; write such as \"service-1@gs-project-accounts.iam.gserviceaccount.com\", without serviceAccount: before it."
  }
}

variable "tags" {
  description = "Labels of all that can bear them, beside poorwill, which is the name."
  type        = map(string)
  default     = {}
  nullable    = false
}
