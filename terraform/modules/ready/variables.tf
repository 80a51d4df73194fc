variable "access" {
  description = "How kubectl reaches the cluster: the path of a kubeconfig, or output access of module cluster."
  type = object({
    kubeconfig             = optional(string)
    host                   = optional(string)
    cluster_ca_certificate = optional(string)
    exec                   = optional(object({ command = string, args = list(string) }))
  })

  validation {
    condition     = (var.access.kubeconfig == null) != (var.access.host == null)
    error_message = "access: wanted one way to reach the cluster; write { kubeconfig = \"path\" }, or the output access of module cluster."
  }
}

variable "namespace" {
  description = "Namespace of the objects."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.namespace))
    error_message = "namespace: wanted a DNS label; write the output namespace of module platform, such as \"poorwill\"."
  }
}

variable "objects" {
  description = "What is waited for, in this order, as kubectl names it: kind/name."
  type        = list(string)

  validation {
    condition     = length(var.objects) > 0 && alltrue([for object in var.objects : can(regex("^[a-z.]+/[a-z0-9.-]+$", object))])
    error_message = "objects: wanted one or more, named as kubectl names them; write kind/name, such as routes.serving.knative.dev/digits."
  }
}

variable "written" {
  description = "Changes whenever one of the objects is written, so that they are waited for anew."
  type        = string
}

variable "wait_seconds" {
  description = "How long one object may take, seconds. Range 10 to 3600."
  type        = number
  default     = 330 # a little more than the progress deadline of knative/base, after which Knative itself says why

  validation {
    condition     = var.wait_seconds >= 10 && var.wait_seconds <= 3600
    error_message = "wait_seconds: wanted 10 to 3600 seconds; write a number in that range, such as 330."
  }
}

variable "settle_seconds" {
  description = "How long an object says that it is not Ready before that is believed, seconds. Range 2 to 3600."
  type        = number
  default     = 10

  validation {
    condition     = var.settle_seconds >= 2 && var.settle_seconds <= 3600
    error_message = "settle_seconds: wanted 2 to 3600 seconds, as Knative takes back what it said for a moment; write a number in that range, such as 10."
  }
}
