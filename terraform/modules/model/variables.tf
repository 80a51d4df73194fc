variable "name" {
  description = "The model's name, which is that of its Route: a DNS label of at most 40 characters."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$", var.name))
    error_message = "name: wanted a DNS label of at most 40 characters; begin with a letter, then write lower-case letters, digits and '-'."
  }

  validation {
    condition     = !can(regex("(-v[0-9]+|-[0-9]{5})$|^v[0-9]+-", var.name))
    error_message = "name: wanted one that no version, revision or tag has; write another one, which neither ends in -v<number> or -<5 digits> nor begins with v<number>-."
  }
}

variable "namespace" {
  description = "Namespace of the model; output namespace of module platform."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.namespace))
    error_message = "namespace: wanted a DNS label; write the output namespace of module platform, such as \"poorwill\"."
  }
}

variable "registered" {
  description = "What the registry has of the model: jsondecode(file(...)) of what `poorwill versions MODEL --output json` printed."
  type = object({
    model    = string
    versions = list(object({ version = number, digest = string, state = string }))
  })
  nullable = false

  validation {
    condition     = var.registered.model == var.name
    error_message = "registered: wanted the versions of ${var.name}, found those of ${var.registered.model}; write `poorwill versions ${var.name} --output json` into its file, or name the model as it is registered."
  }
}

variable "traffic" {
  description = "Percents by version, whole numbers that sum to 100; a version of 0 % has its own URL and gets nothing else."
  type        = list(object({ version = number, percent = number }))
  nullable    = false

  validation {
    condition     = alltrue([for share in var.traffic : share.percent >= 0 && floor(share.percent) == share.percent])
    error_message = "traffic: wanted percents that are whole numbers from 0 to 100; write such as [{ version = 1, percent = 90 }, { version = 2, percent = 10 }]."
  }

  validation {
    condition     = length(var.traffic) > 0 && try(sum(var.traffic[*].percent), 0) == 100
    error_message = "traffic: wanted percents that sum to 100, found ${try(sum(var.traffic[*].percent), 0)}; write such as [{ version = 1, percent = 90 }, { version = 2, percent = 10 }]."
  }

  validation {
    condition     = length(distinct(var.traffic[*].version)) == length(var.traffic)
    error_message = "traffic: wanted each version once, found one twice; write one entry for it, with the sum of its percents."
  }

  validation {
    condition = alltrue([
      for share in var.traffic : contains([for found in var.registered.versions : found.version if found.state == "live"], share.version)
    ])
    error_message = "traffic: wanted versions of ${var.name} that are registered and not removed (${try(join(", ", [for found in var.registered.versions : found.version if found.state == "live"]), "none")}); push the version and write `poorwill versions ${var.name} --output json` into its file again, or write another version."
  }
}

variable "split_owner" {
  description = "Who moves traffic: terraform, or runtime (`poorwill split` and pipelines; a changed percent is no drift)."
  type        = string
  default     = "terraform"
  nullable    = false

  validation {
    condition     = contains(["terraform", "runtime"], var.split_owner)
    error_message = "split_owner: wanted who moves traffic; write \"terraform\", or \"runtime\" where `poorwill split` or a pipeline does."
  }
}

variable "image" {
  description = "The predictor's image by its digest, as output images of module image-registry and `poorwill image push` tell; null is that of knative/base."
  type        = string
  default     = null

  validation {
    condition     = var.image == null || can(regex("^[a-z0-9][a-z0-9._/:-]*@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image: wanted an image by its digest, so that a tag that moves changes nothing; write registry/name@sha256:<64 hex digits>."
  }
}

variable "components" {
  description = "Components of knative/components that are laid over each version, in this order, such as authentication/api-keys."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([
      for name in var.components : can(yamldecode(file("${path.module}/../../../knative/components/${name}/kustomization.yaml")).patches) &&
      !can(yamldecode(file("${path.module}/../../../knative/components/${name}/kustomization.yaml")).resources)
    ])
    error_message = "components: wanted folders of knative/components that change a version service and bring nothing besides; write such as \"authentication/api-keys\" or \"kept-awake\"."
  }
}

variable "pod_labels" {
  description = "Labels that the cloud wants on pods that reach the store; output pod_labels of module storage."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "scale" {
  description = "Pods of each version: at least min (0 to max; 0 sleeps) and at most max (1 to 1000). Absent values are those of knative/base."
  type        = object({ min = optional(number), max = optional(number) })
  default     = {}
  nullable    = false

  validation {
    condition     = coalesce(var.scale.min, 0) >= 0 && coalesce(var.scale.max, 10) >= 1 && coalesce(var.scale.max, 10) <= 1000 && coalesce(var.scale.min, 0) <= coalesce(var.scale.max, 10)
    error_message = "scale: wanted pods as 0 <= min <= max, and max from 1 to 1000; write such as { min = 0, max = 10 }."
  }
}

variable "domain" {
  description = "What the model's URL ends in; output domain of module platform. A twin's has a port: poorwill.localhost:8090."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]*[a-z0-9])?(:[0-9]{1,5})?$", var.domain))
    error_message = "domain: wanted a zone's name in lower case, with a port at most; write such as \"models.example.com\"."
  }
}

variable "tls" {
  description = "Whether callers ask by https."
  type        = bool
  default     = false
  nullable    = false
}

variable "access" {
  description = "How kubectl reaches the cluster, so that apply ends when the model is Ready: output access of module cluster, or { kubeconfig = path }; null does not wait."
  type = object({
    kubeconfig             = optional(string)
    host                   = optional(string)
    cluster_ca_certificate = optional(string)
    exec                   = optional(object({ command = string, args = list(string) }))
  })
  default = null
}

variable "wait_seconds" {
  description = "How long a version, and then the Route, may take to be Ready, seconds. Range 10 to 3600."
  type        = number
  default     = 330
  nullable    = false
}
