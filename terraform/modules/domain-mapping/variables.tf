variable "model" {
  description = "Name of the model, whose Route answers for the hosts."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$", var.model))
    error_message = "model: wanted the name of a model, which is a label of a-z, 0-9 and -; write \"digits\"."
  }
}

variable "namespace" {
  description = "Namespace of the Route; a mapping lies beside it."
  type        = string
  default     = "poorwill"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.namespace))
    error_message = "namespace: wanted the name of a namespace, which is a label of a-z, 0-9 and -; write \"poorwill\"."
  }
}

variable "hosts" {
  description = "Hosts that this cluster answers for: those of modules/global's output hosts for it."
  type        = set(string)
  nullable    = false

  validation {
    condition     = alltrue([for host in var.hosts : can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]*[a-z0-9]$", host)) && length(host) <= 253])
    error_message = "hosts: wanted hosts of at most 253 characters in lower case, without a scheme, a port, a wildcard or a dot at the end; write [\"digits.example.com\"]."
  }

  validation {
    condition     = !anytrue([for host in var.hosts : endswith(host, ".cluster.local") || endswith(host, ".svc")])
    error_message = "hosts: wanted hosts of the world, found one of the cluster's own, which Knative refuses to map; write [\"digits.example.com\"]."
  }
}

variable "certificate" {
  description = "Secret of type kubernetes.io/tls in the namespace whose certificate names all of the hosts; null: Knative's cert-manager makes one for each."
  type        = string
  default     = null

  validation {
    condition     = var.certificate == null || can(regex("^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$", var.certificate))
    error_message = "certificate: wanted the name of a Secret; write \"digits-tls\", or null."
  }
}
