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
  description = "Region of the cluster; the provider's own."
  type        = string
  nullable    = false

  validation {
    condition     = contains(local.regions, var.region)
    error_message = "region: wanted a region of AWS with EKS, its Pod Identity and three zones, see regions.tf; write such as \"eu-central-1\"."
  }
}

variable "network" {
  description = "The VPC's range, private and of /16 to /20, and how many zones it spans, 2 or 3. Ranges of clusters that talk to each other differ."
  type = object({
    cidr  = string
    zones = optional(number, 3)
  })
  nullable = false

  validation {
    condition     = can(cidrhost(var.network.cidr, 0)) && can(regex("^(10|192\\.168|172\\.(1[6-9]|2[0-9]|3[01]))\\..*/(1[6-9]|20)$", var.network.cidr))
    error_message = "network: wanted cidr as a private range of RFC 1918 of /16 to /20; write such as \"10.10.0.0/16\"."
  }

  validation {
    condition     = !can(cidrhost(var.network.cidr, 0)) || can(cidrhost(var.network.cidr, 0)) && try(cidrhost(var.network.cidr, 0), "") == split("/", var.network.cidr)[0]
    error_message = "network: wanted cidr to begin at its first address; write such as \"10.10.0.0/16\", not \"10.10.3.0/16\"."
  }

  validation {
    condition     = contains([2, 3], var.network.zones)
    error_message = "network: wanted zones to be 2 or 3; write 3, or leave it out."
  }
}

variable "kubernetes_version" {
  description = "Kubernetes' version: one that the pinned Knative and EKS both support."
  type        = string
  # 1.34 costs six times as much a cluster from 2026-12-02, when EKS' standard support for it ends
  default  = "1.35"
  nullable = false

  validation {
    condition     = contains(["1.34", "1.35"], var.kubernetes_version)
    error_message = "kubernetes_version: wanted one that Knative 1.23 and EKS support; write \"1.34\" or \"1.35\"."
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
  description = "The pool that never sleeps, of Knative and the cluster's own pods: machine_type, null for m6i.large, and nodes, 1 to 20."
  type = object({
    machine_type = optional(string)
    nodes        = optional(number, 2)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.always_on.machine_type == null || can(regex("^[a-z][a-z0-9-]*\\.[a-z0-9-]+$", var.always_on.machine_type)) && !can(regex("^([a-z]+[0-9]+g|a1)", var.always_on.machine_type))
    error_message = "always_on: wanted machine_type as an x86 type of EC2, since images are built for x86; write such as \"m6i.large\"."
  }

  validation {
    condition     = var.always_on.nodes >= 1 && var.always_on.nodes <= 20 && var.always_on.nodes == floor(var.always_on.nodes)
    error_message = "always_on: wanted nodes as a whole number, 1 to 20; write 2."
  }
}

variable "spot" {
  description = "The pool of spot nodes, from zero: machine_types of one size, null for large ones of m, and nodes_max, 1 to 100."
  type = object({
    machine_types = optional(list(string))
    nodes_max     = optional(number, 10)
  })
  default  = {}
  nullable = false

  validation {
    condition = var.spot.machine_types == null || length(coalesce(var.spot.machine_types, [])) > 0 && alltrue([
      for type in coalesce(var.spot.machine_types, []) : can(regex("^[a-z][a-z0-9-]*\\.[a-z0-9-]+$", type)) && !can(regex("^([a-z]+[0-9]+g|a1)", type))
    ])
    error_message = "spot: wanted machine_types as one or more x86 types of EC2, since images are built for x86; write such as [\"m6i.large\", \"m6a.large\"]."
  }

  validation {
    condition     = length(distinct([for type in coalesce(var.spot.machine_types, []) : element(split(".", type), -1)])) <= 1
    error_message = "spot: wanted machine_types of one size, since what scales the pool takes all nodes for alike; write such as [\"m6i.large\", \"m6a.large\"]."
  }

  validation {
    condition     = var.spot.nodes_max >= 1 && var.spot.nodes_max <= 100 && var.spot.nodes_max == floor(var.spot.nodes_max)
    error_message = "spot: wanted nodes_max as a whole number, 1 to 100; write 10."
  }
}

variable "log_retention_days" {
  description = "Days for which the control plane's and the network's logs are kept, one of CloudWatch's numbers from 30 to 3653."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = contains([30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days: wanted one of CloudWatch's numbers of days; write 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "deletion_protection" {
  description = "Whether destroy refuses; apply false first, then destroy."
  type        = bool
  default     = true
  nullable    = false
}

variable "tags" {
  description = "Tags of all that can bear them, beside poorwill, which is the name."
  type        = map(string)
  default     = {}
  nullable    = false
}
