variable "name" {
  description = "What the cluster and all around it are called by; 3 to 20 characters."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name: wanted 3 to 20 of a-z, 0-9 and -, a letter first and no - last, so that what is called by it fits every cloud; write such as \"poorwill\"."
  }
}

variable "region" {
  description = "Region of the cluster."
  type        = string
  nullable    = false

  validation {
    condition     = contains(keys(local.regions), var.region)
    error_message = "region: wanted a region of Google Cloud with GKE in three zones, Cloud KMS and Artifact Registry, see regions.tf; write such as \"europe-west3\"."
  }
}

variable "network" {
  description = "The VPC's range, private and of /16 to /20, and how many zones nodes span, 2 or 3. Ranges of clusters that talk to each other differ."
  type = object({
    cidr  = string
    zones = optional(number, 3)
  })
  nullable = false

  validation {
    condition     = can(cidrhost(var.network.cidr, 0)) && can(regex("^(10|192\\.168|172\\.(1[6-9]|2[0-9]|3[01]))\\..*/(1[6-9]|20)$", var.network.cidr))
    error_message = "network: wanted cidr as a private range of RFC 1918 of /16 to /20; write such as \"10.20.0.0/16\"."
  }

  validation {
    condition     = try(cidrhost(var.network.cidr, 0) == split("/", var.network.cidr)[0], true)
    error_message = "network: wanted cidr to begin at its first address; write such as \"10.20.0.0/16\", not \"10.20.3.0/16\"."
  }

  validation {
    condition     = contains([2, 3], var.network.zones)
    error_message = "network: wanted zones to be 2 or 3; write 3, or leave it out."
  }
}

variable "kubernetes_version" {
  description = "Kubernetes' version: one that the pinned Knative and GKE both support, the oldest that is run; Google brings newer ones late."
  type        = string
  default     = "1.35"
  nullable    = false

  validation {
    condition     = contains(["1.34", "1.35"], var.kubernetes_version)
    error_message = "kubernetes_version: wanted one that Knative 1.23 and GKE support; write \"1.34\" or \"1.35\"."
  }
}

variable "api_access_cidrs" {
  description = "Public ranges that reach the API server from outside; empty: no public endpoint, only from inside the VPC."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for range in var.api_access_cidrs : can(cidrnetmask(range))])
    error_message = "api_access_cidrs: wanted ranges of IPv4; write such as [\"203.0.113.0/24\"]."
  }

  validation {
    condition     = !anytrue([for range in var.api_access_cidrs : can(regex("/[0-7]$", range))])
    error_message = "api_access_cidrs: wanted ranges of yours, found all of the internet or a big part of it; write such as [\"203.0.113.0/24\"], of /8 or narrower."
  }
}

variable "always_on" {
  description = "The pool that never sleeps, of Knative and the cluster's own pods: machine_type, null for e2-standard-4, and nodes, 1 to 20."
  type = object({
    machine_type = optional(string)
    nodes        = optional(number, 2)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.always_on.machine_type == null || can(regex("^[a-z][a-z0-9]*-[a-z0-9-]+$", var.always_on.machine_type)) && !can(regex("^(t2a|c4a|n4a)-", var.always_on.machine_type))
    error_message = "always_on: wanted machine_type as an x86 type of Compute Engine, since images are built for x86; write such as \"e2-standard-4\"."
  }

  validation {
    condition     = var.always_on.nodes >= 1 && var.always_on.nodes <= 20 && var.always_on.nodes == floor(var.always_on.nodes)
    error_message = "always_on: wanted nodes as a whole number, 1 to 20; write 2."
  }
}

variable "spot" {
  description = "The pools of spot nodes, from zero: machine_types, a pool of each, null for e2-standard-4, and nodes_max, how many nodes all of them have together, 1 to 100."
  type = object({
    machine_types = optional(list(string))
    nodes_max     = optional(number, 10)
  })
  default  = {}
  nullable = false

  validation {
    condition = var.spot.machine_types == null || length(coalesce(var.spot.machine_types, [])) > 0 && alltrue([
      for type in coalesce(var.spot.machine_types, []) : can(regex("^[a-z][a-z0-9]*-[a-z0-9-]{1,30}$", type)) && !can(regex("^(t2a|c4a|n4a)-", type))
    ])
    error_message = "spot: wanted machine_types as one or more x86 types of Compute Engine, since images are built for x86; write such as [\"e2-standard-4\", \"n2-standard-4\"]."
  }

  validation {
    condition     = length(distinct(coalesce(var.spot.machine_types, ["one"]))) == length(coalesce(var.spot.machine_types, ["one"])) && var.spot.nodes_max >= length(coalesce(var.spot.machine_types, ["one"]))
    error_message = "spot: wanted each of machine_types once, and nodes_max at least as many as there are, since each is a pool that shares in it; write fewer types, or a greater nodes_max."
  }

  validation {
    condition     = var.spot.nodes_max >= 1 && var.spot.nodes_max <= 100 && var.spot.nodes_max == floor(var.spot.nodes_max)
    error_message = "spot: wanted nodes_max as a whole number, 1 to 100; write 10."
  }

  validation {
    # half of the network is the pods', a node takes 128 addresses of it, and upgrades add a node or two
    condition     = var.always_on.nodes + var.spot.nodes_max + 2 <= pow(2, 24 - try(tonumber(split("/", var.network.cidr)[1]), 16))
    error_message = "spot: wanted room for all nodes' pods in the network's range, which has it for ${pow(2, 24 - try(tonumber(split("/", var.network.cidr)[1]), 16)) - 2}, always-on nodes included; write a smaller nodes_max, or a wider cidr such as \"10.20.0.0/16\"."
  }
}

variable "log_retention_days" {
  description = "Days for which the log of who did what is kept, 30 to 3650."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.log_retention_days >= 30 && var.log_retention_days <= 3650 && var.log_retention_days == floor(var.log_retention_days)
    error_message = "log_retention_days: wanted whole days, 30 to 3650; write 90."
  }
}

variable "deletion_protection" {
  description = "Whether destroy refuses; apply false first, then destroy."
  type        = bool
  default     = true
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
