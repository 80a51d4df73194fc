variable "name" {
  description = "What all of it is called, 3 to 20 of a-z, 0-9 and -; storage accounts and buckets are named after it."
  type        = string
  nullable    = false
}

variable "region" {
  description = "The cloud's region, such as germanywestcentral."
  type        = string
  nullable    = false
}

variable "subscription_id" {
  description = "Id of the Azure subscription that all of it lies in; only this cloud has it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.subscription_id))
    error_message = "subscription_id: wanted the id of a subscription; write what `az account show --query id` prints."
  }
}

variable "network" {
  description = "Private addresses of the cluster's network, /16 to /20, and how many zones it spans, 2 or 3."
  type = object({
    cidr  = string
    zones = optional(number, 3)
  })
  nullable = false
}

variable "kubernetes_version" {
  description = "Minor version of Kubernetes, such as 1.35; null: the module's default, which the pinned Knative supports."
  type        = string
  default     = null
}

variable "api_access_cidrs" {
  description = "Addresses that may reach the cluster's API from outside its network; none: it has no public endpoint."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "always_on" {
  description = "Nodes that carry Knative: machine_type (null: the module's default) and how many."
  type = object({
    machine_type = optional(string)
    nodes        = optional(number, 2)
  })
  default  = {}
  nullable = false
}

variable "spot" {
  description = "Spare machines for predictors, from none: machine_types (null: the module's default), and at most how many nodes."
  type = object({
    machine_types = optional(list(string))
    nodes_max     = optional(number, 10)
  })
  default  = {}
  nullable = false
}

variable "deletion_protection" {
  description = "Whether a destroy is refused for what holds data, the bucket with its models included."
  type        = bool
  default     = true
  nullable    = false
}

variable "domain" {
  description = "What all URLs end in; a wildcard record of it leads to Kourier's address."
  type        = string
  nullable    = false
}

variable "tls" {
  description = "Certificates by Let's Encrypt, and who is told when one ends; null: URLs are http."
  type = object({
    email = string
  })
  default = null
}

variable "observability" {
  description = "Whether Prometheus and Grafana run beside the models, on the always-on nodes."
  type        = bool
  default     = true
  nullable    = false
}

variable "images" {
  description = "Images by their digest: serve, which predictors run, and deploy, the deploy function's (null: no deploy function)."
  type = object({
    serve  = optional(string)
    deploy = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for image in values(var.images) : image == null || can(regex("^[a-z0-9][a-z0-9._/:-]*@sha256:[0-9a-f]{64}$", image))])
    error_message = "images: wanted each by its digest, so that a tag that moves changes nothing; push the image, then write registry/name@sha256:<64 hex digits>."
  }

  validation {
    condition     = length(var.models) == 0 || var.images.serve != null
    error_message = "images: wanted serve, the predictors' image, since there are models; run `make image`, push it to output images, then write its registry/name@sha256:<64 hex digits>."
  }
}

variable "models" {
  description = "By name: registered_file, which `poorwill versions MODEL --output json` wrote; traffic, percents by version; split_owner, terraform or runtime; components, of knative/components, such as authentication/api-keys."
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

variable "tags" {
  description = "Tags of all that can bear them, beside poorwill, which is the name."
  type        = map(string)
  default     = {}
  nullable    = false
}
