variable "zone" {
  description = "Name of the public Route 53 hosted zone that holds the name, such as example.com."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]*[a-z0-9]$", var.zone))
    error_message = "zone: wanted the name of a hosted zone in lower case, without a dot at its end; write \"example.com\"."
  }
}

variable "name" {
  description = "Host that callers ask, below the zone, such as digits.example.com."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]*[a-z0-9]$", var.name)) && length(var.name) <= 200
    error_message = "name: wanted a host of at most 200 characters in lower case, without a dot at its end; write \"digits.example.com\"."
  }

  validation {
    condition     = endswith(var.name, ".${var.zone}")
    error_message = "name: wanted a host below the zone, found one that is the zone itself or lies outside it (a CNAME can't lie at the top of a zone); write one such as \"digits.${var.zone}\"."
  }
}

variable "clusters" {
  description = "By a short name: the ingress's public IPv4 address or DNS name, and the weight of its share of callers, 0 to 255."
  type = map(object({
    address = string
    weight  = number
  }))
  nullable = false

  validation {
    condition     = length(var.clusters) > 0 && alltrue([for key in keys(var.clusters) : can(regex("^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$", key))])
    error_message = "clusters: wanted one or more, each called by 1 to 20 of a-z, 0-9 and -, a letter first; write such as { aws = { address = \"...\", weight = 95 } }."
  }

  validation {
    condition = alltrue([
      for cluster in values(var.clusters) :
      can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]*[a-z0-9]$", cluster.address)) || can(cidrhost("${cluster.address}/32", 0)) && !strcontains(cluster.address, ":")
    ])
    error_message = "clusters: wanted each address as an IPv4 address or a DNS name in lower case; write what `kubectl -n knative-serving get service kourier` shows under EXTERNAL-IP, without a scheme, a port or a dot at its end."
  }

  validation {
    condition     = !anytrue([for cluster in values(var.clusters) : can(regex("^(0|10|127|169\\.254|192\\.168|172\\.(1[6-9]|2[0-9]|3[01])|100\\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7]))\\.", cluster.address)) && can(cidrhost("${cluster.address}/32", 0))])
    error_message = "clusters: wanted addresses that Route 53's health checkers reach from the internet, found a private one; write the public address of each cluster's Kourier."
  }

  validation {
    condition     = length(distinct([for cluster in values(var.clusters) : cluster.address])) == length(var.clusters)
    error_message = "clusters: wanted an address of its own for each, found one twice; write each cluster's own, or take the second entry away."
  }

  validation {
    condition     = alltrue([for cluster in values(var.clusters) : cluster.weight >= 0 && cluster.weight <= 255 && cluster.weight == floor(cluster.weight)])
    error_message = "clusters: wanted each weight as a whole number, 0 to 255, as Route 53 takes them; write 95 and 5 for a canary."
  }

  validation {
    condition     = anytrue([for cluster in values(var.clusters) : cluster.weight > 0])
    error_message = "clusters: wanted at least one weight above 0, found none: Route 53 would then share callers out evenly; write a weight for a cluster that may be asked."
  }
}

variable "health" {
  description = "How each cluster is asked whether it is well: asks \"model\" (HTTPS to the model; it never sleeps then) or \"gateway\" (Kourier's redirect to HTTPS; it may); path of the model; interval_seconds 10 or 30; failures in a row, 1 to 10."
  type = object({
    asks             = optional(string, "model")
    path             = optional(string, "/v2/health/ready")
    interval_seconds = optional(number, 30)
    failures         = optional(number, 3)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["model", "gateway"], var.health.asks)
    error_message = "health: wanted asks to be \"model\" or \"gateway\"; write \"gateway\" where models sleep, \"model\" where one pod of each is kept awake."
  }

  validation {
    condition     = can(regex("^/[!-~]{0,254}$", var.health.path))
    error_message = "health: wanted path to begin with / and to hold at most 255 printable characters; write \"/v2/health/ready\"."
  }

  validation {
    condition     = contains([10, 30], var.health.interval_seconds)
    error_message = "health: wanted interval_seconds to be 10 or 30, which are those of Route 53; write 30, or 10 for a dearer check."
  }

  validation {
    condition     = var.health.failures >= 1 && var.health.failures <= 10 && var.health.failures == floor(var.health.failures)
    error_message = "health: wanted failures to be a whole number, 1 to 10; write 3."
  }
}

variable "ttl_seconds" {
  description = "How long resolvers keep an answer, and so how late they learn of a changed weight or a cluster that fell ill; 10 to 60 seconds."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.ttl_seconds >= 10 && var.ttl_seconds <= 60 && var.ttl_seconds == floor(var.ttl_seconds)
    error_message = "ttl_seconds: wanted a whole number, 10 to 60 seconds; write 30."
  }
}

variable "tags" {
  description = "Tags of all that can bear them, beside poorwill, which is the name."
  type        = map(string)
  default     = {}
  nullable    = false
}
