variable "name" {
  description = "What the cluster and all that is made for it are called, 3 to 20 of a-z, 0-9 and -."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name: wanted 3 to 20 of a-z, 0-9 and -, a letter first and no - last, so that all that is named after it fits every cloud; write such as \"digits-prod\"."
  }
}

variable "region" {
  description = "Azure's region, such as germanywestcentral."
  type        = string
  nullable    = false

  validation {
    condition     = contains(local.regions, var.region)
    error_message = "region: wanted a region of Azure's with three zones, AKS and keys in hardware, as regions.tf lists them; write such as \"germanywestcentral\" (`az account list-locations` shows the names)."
  }
}

variable "network" {
  description = "Private addresses of the cluster's network, /16 to /20, and how many zones its nodes span, 2 or 3."
  type = object({
    cidr  = string
    zones = optional(number, 3)
  })
  nullable = false

  validation {
    condition = (
      can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.)", var.network.cidr))
      && can(regex("/(1[6-9]|20)$", var.network.cidr))
      && try(cidrhost(var.network.cidr, 0) == split("/", var.network.cidr)[0], false)
    )
    error_message = "network: wanted cidr as private addresses of RFC 1918, /16 to /20, from its first address on; write such as \"10.30.0.0/16\"."
  }

  validation {
    condition     = !can(regex("^172\\.3[01]\\.", var.network.cidr))
    error_message = "network: wanted addresses that AKS leaves to networks, found some that it keeps to itself (172.30.0.0/16 and 172.31.0.0/16); write others, such as \"10.30.0.0/16\"."
  }

  validation {
    condition     = contains([2, 3], var.network.zones)
    error_message = "network: wanted zones to be 2 or 3; write 3."
  }
}

variable "kubernetes_version" {
  description = "Minor version of Kubernetes; the pinned Knative wants 1.34 or newer. Patches come by themselves."
  type        = string
  default     = "1.35"
  nullable    = false

  validation {
    condition     = contains(["1.34", "1.35"], var.kubernetes_version)
    error_message = "kubernetes_version: wanted one that both AKS and the pinned Knative support; write \"1.34\" or \"1.35\"."
  }
}

variable "api_access_cidrs" {
  description = "Addresses that may reach the cluster's API from outside its network, at most 199 blocks; none: it has no public endpoint."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for cidr in var.api_access_cidrs : try(cidrhost(cidr, 0) == split("/", cidr)[0], false) && !strcontains(cidr, ":")]) && length(var.api_access_cidrs) <= 199
    error_message = "api_access_cidrs: wanted at most 199 blocks of IPv4, each from its first address on; write such as [\"203.0.113.0/28\"]."
  }

  validation {
    condition     = !anytrue([for cidr in var.api_access_cidrs : endswith(cidr, "/0")])
    error_message = "api_access_cidrs: wanted the addresses of those who operate the cluster, found the whole internet; write such as [\"203.0.113.0/28\"]."
  }
}

variable "always_on" {
  description = "Nodes that carry Knative: machine_type (null: Standard_D4s_v5, 4 CPUs and 16 GiB) and how many nodes, 1 to 20."
  type = object({
    machine_type = optional(string)
    nodes        = optional(number, 2)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.always_on.machine_type == null || can(regex("^Standard_[A-Za-z0-9_-]+$", var.always_on.machine_type))
    error_message = "always_on: wanted machine_type as Azure names its sizes; write such as \"Standard_D4s_v5\", or null."
  }

  validation {
    condition     = var.always_on.nodes >= 1 && var.always_on.nodes <= 20 && var.always_on.nodes == floor(var.always_on.nodes)
    error_message = "always_on: wanted nodes as a whole number, 1 to 20; write 2, so that one may go while the other works."
  }
}

variable "spot" {
  description = "Spare machines for predictors, from none: machine_types, a pool of each (null: Standard_D4s_v5 and Standard_D4as_v5), and at most how many nodes all pools have together, 1 to 200."
  type = object({
    machine_types = optional(list(string))
    nodes_max     = optional(number, 10)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.spot.machine_types == null || try(length(var.spot.machine_types) > 0 && alltrue([for type in var.spot.machine_types : can(regex("^Standard_[A-Za-z0-9_-]+$", type))]), false)
    error_message = "spot: wanted machine_types as Azure names its sizes, at least one; write such as [\"Standard_D4s_v5\", \"Standard_D4as_v5\"], or null."
  }

  validation {
    condition     = var.spot.nodes_max >= 1 && var.spot.nodes_max <= 200 && var.spot.nodes_max == floor(var.spot.nodes_max)
    error_message = "spot: wanted nodes_max as a whole number, 1 to 200; write 10."
  }

  validation {
    condition     = try(length(distinct(var.spot.machine_types)) == length(var.spot.machine_types), true) && var.spot.nodes_max >= try(length(var.spot.machine_types), 2)
    error_message = "spot: wanted each of machine_types once, and nodes_max at least as many as there are, since each is a pool that shares in it; write fewer types, or a greater nodes_max."
  }
}

variable "log_retention_days" {
  description = "How long audit logs are kept, days. Range 30 to 730."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.log_retention_days >= 30 && var.log_retention_days <= 730 && var.log_retention_days == floor(var.log_retention_days)
    error_message = "log_retention_days: wanted whole days, 30 to 730, as Log Analytics keeps them; write 90."
  }
}

variable "deletion_protection" {
  description = "Whether the cluster is locked against deletion, and `terraform destroy` refused."
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
