variable "name" {
  description = "What all of it is called in each cloud, 3 to 20 of a-z, 0-9 and -; storage accounts and buckets are named after it."
  type        = string
  nullable    = false
}

variable "clouds" {
  description = "Two or three of aws, gcp and azure: region; network as in their own environments, without overlaps; image, the predictors' by its digest; project for gcp, subscription_id for azure."
  type = map(object({
    region          = string
    network         = object({ cidr = string, zones = optional(number, 3) })
    image           = optional(string)
    project         = optional(string)
    subscription_id = optional(string)
  }))
  nullable = false

  validation {
    condition     = length(var.clouds) >= 2 && length(setsubtract(keys(var.clouds), ["aws", "gcp", "azure"])) == 0
    error_message = "clouds: wanted two or three of aws, gcp and azure, found ${join(", ", keys(var.clouds))}; write two of them, or apply the environment of the one."
  }

  # compared as networks of the shorter of both prefixes
  validation {
    condition = alltrue(flatten([
      for i, one in values(var.clouds) : [
        for j, other in values(var.clouds) : j <= i || try(
          cidrhost("${split("/", one.network.cidr)[0]}/${min(split("/", one.network.cidr)[1], split("/", other.network.cidr)[1])}", 0) !=
          cidrhost("${split("/", other.network.cidr)[0]}/${min(split("/", one.network.cidr)[1], split("/", other.network.cidr)[1])}", 0),
          true,
        )
      ]
    ]))
    error_message = "clouds: wanted networks that could be joined one day, found two that overlap: ${join(", ", [for cloud, spec in var.clouds : "${cloud} ${spec.network.cidr}"])}; write such as 10.10.0.0/16, 10.20.0.0/16 and 10.30.0.0/16."
  }

  validation {
    condition     = alltrue([for cloud, spec in var.clouds : (cloud == "gcp") == (spec.project != null) && (cloud == "azure") == (spec.subscription_id != null)])
    error_message = "clouds: wanted project for gcp and subscription_id for azure, and neither for another; write what `gcloud projects list` shows, and what `az account show --query id` prints."
  }

  validation {
    condition     = alltrue([for spec in values(var.clouds) : spec.image == null || can(regex("^[a-z0-9][a-z0-9._/:-]*@sha256:[0-9a-f]{64}$", spec.image))])
    error_message = "clouds: wanted each image by its digest, so that a tag that moves changes nothing; push the image, then write registry/name@sha256:<64 hex digits>."
  }

  validation {
    condition     = length(var.models) == 0 || alltrue([for spec in values(var.clouds) : spec.image != null])
    error_message = "clouds: wanted an image in each, since there are models; run `make image`, push it to each cloud's output images, then write its registry/name@sha256:<64 hex digits>."
  }

  validation {
    condition     = length(distinct([for spec in values(var.clouds) : try(split("@", spec.image)[1], null)])) <= 1
    error_message = "clouds: wanted one image everywhere, found several digests: clusters that serve different code are no canary of each other; push the same image to each registry."
  }
}

variable "kubernetes_version" {
  description = "Minor version of Kubernetes in all clouds, such as 1.35; null: the modules' default, which the pinned Knative supports."
  type        = string
  default     = null
}

variable "api_access_cidrs" {
  description = "Addresses that may reach the clusters' APIs from outside their networks; none: they have no public endpoint."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether a destroy is refused for what holds data, the buckets with their models included."
  type        = bool
  default     = true
  nullable    = false
}

variable "domain" {
  description = "What each cloud's own domain ends in: aws.<domain>, gcp.<domain>, azure.<domain>, each with a wildcard record to that cluster's Kourier."
  type        = string
  nullable    = false
}

variable "tls" {
  description = "Certificates by Let's Encrypt for each cloud's own domain, and who is told when one ends; null: URLs there are http."
  type = object({
    email = string
  })
  default = null
}

variable "observability" {
  description = "Whether Prometheus and Grafana run in each cloud, beside the models."
  type        = bool
  default     = true
  nullable    = false
}

variable "models" {
  description = "The same in all clouds. By name: registered_file, which `poorwill versions MODEL --output json` wrote; traffic, percents by version; split_owner, terraform or runtime; components, of knative/components, such as authentication/api-keys."
  type = map(object({
    registered_file = string
    traffic         = list(object({ version = number, percent = number }))
    split_owner     = optional(string, "terraform")
    components      = optional(list(string), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for model in values(var.models) : can(jsondecode(file(pathexpand(model.registered_file))).versions)])
    error_message = "models: wanted in each registered_file what the registry has of the model; write it with `poorwill versions MODEL --output json > FILE`."
  }
}

variable "global" {
  description = "Names over all clusters: zone of Route 53; hosts by model; clusters, each one's ingress address and weight; health as in modules/global; certificates, a Secret by model. null until the addresses are known."
  type = object({
    zone     = string
    hosts    = map(string)
    clusters = map(object({ address = string, weight = number }))
    health = optional(object({
      asks             = optional(string, "model")
      path             = optional(string, "/v2/health/ready")
      interval_seconds = optional(number, 30)
      failures         = optional(number, 3)
    }), {})
    certificates = optional(map(string), {})
  })
  default = null

  validation {
    condition     = var.global == null || length(setsubtract(keys(try(var.global.clusters, {})), keys(var.clouds))) == 0
    error_message = "global: wanted clusters to name clouds that there are: ${join(", ", keys(var.clouds))}; write those, or add the cloud to clouds."
  }

  validation {
    condition     = var.global == null || length(setsubtract(concat(keys(try(var.global.hosts, {})), keys(try(var.global.certificates, {}))), keys(var.models))) == 0
    error_message = "global: wanted hosts and certificates of models that there are, found others; write names of ${join(", ", keys(var.models))}, or add the model to models."
  }

  validation {
    condition     = var.global == null || var.tls != null || try(var.global.health.asks, "model") == "model" && length(setsubtract(keys(try(var.global.hosts, {})), keys(try(var.global.certificates, {})))) == 0
    error_message = "global: wanted TLS for the names: without tls a host needs an entry in certificates, and health can't ask the gateway; write tls = { email = \"you@example.com\" }, or a certificate for each host."
  }
}

variable "tags" {
  description = "Tags of all that can bear them, beside poorwill, which is the name."
  type        = map(string)
  default     = {}
  nullable    = false
}
