variable "namespace" {
  description = "Namespace that is made for Prometheus and Grafana, and deleted with all that is in it."
  type        = string
  default     = "monitoring"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.namespace)) && var.namespace != "default" && !can(regex("^(kube|knative)-", var.namespace))
    error_message = "namespace: wanted a DNS label that nothing else has; write such as \"monitoring\"."
  }
}

variable "models_namespace" {
  description = "Namespace of the models: output namespace of module platform."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.models_namespace)) && var.models_namespace != var.namespace
    error_message = "models_namespace: wanted the models' own namespace; write the output namespace of module platform, such as \"poorwill\"."
  }
}

variable "retention_days" {
  description = "How long Prometheus keeps what it read, days. Range 1 to 90."
  type        = number
  default     = 15
  nullable    = false

  validation {
    condition     = var.retention_days >= 1 && var.retention_days <= 90 && floor(var.retention_days) == var.retention_days
    error_message = "retention_days: wanted 1 to 90 whole days; write a number in that range, such as 15."
  }
}

variable "error_ratio" {
  description = "Share of a version's answers with status 5xx, other than 503, that is told. Range 0.0001 to 1."
  type        = number
  default     = 0.01
  nullable    = false

  validation {
    condition     = var.error_ratio >= 0.0001 && var.error_ratio <= 1
    error_message = "error_ratio: wanted a share from 0.0001 to 1; write such as 0.01 for 1 %."
  }
}
