variable "cloud" {
  description = "Which of knative/overlays the cluster is: aws, gcp, azure, or local for a twin or any other cluster."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["aws", "gcp", "azure", "local"], var.cloud)
    error_message = "cloud: wanted one of the overlays in knative/overlays; write \"aws\", \"gcp\", \"azure\" or \"local\"."
  }
}

variable "domain" {
  description = "What every URL ends in: a zone of yours whose wildcard record points at Kourier's address."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.domain) <= 180 && can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]*[a-z0-9])?$", var.domain))
    error_message = "domain: wanted a zone's name in lower case, without a scheme, a port or a dot at its end; write such as \"models.example.com\"."
  }
}

variable "tls" {
  description = "HTTPS for every URL by cert-manager and Let's Encrypt, which writes to this address when a certificate is about to end; null is HTTP."
  type        = object({ email = string })
  default     = null

  validation {
    condition     = try(var.tls.email, null) == null || can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.tls.email))
    error_message = "tls: wanted an address that Let's Encrypt can write to; write { email = \"you@example.com\" }, or null for HTTP."
  }

  validation {
    condition     = var.tls == null || var.knative
    error_message = "tls: wanted a Knative of this module's, found knative = false; write tls = null, and set TLS up where that Knative is."
  }
}

variable "knative" {
  description = "Whether Knative is made, by its operator; false where it runs already, as on the twin."
  type        = bool
  default     = true
  nullable    = false
}

variable "namespace" {
  description = "Namespace that is made for models and functions, and deleted with all that is in it; default is left as it is."
  type        = string
  default     = "poorwill"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.namespace)) && !can(regex("^(kube|knative)-", var.namespace))
    error_message = "namespace: wanted a DNS label that neither Kubernetes nor Knative has for itself; write such as \"poorwill\"."
  }
}

variable "environment" {
  description = "Where versions are, as variables of every predictor: output environment of module storage."
  type        = map(string)
  nullable    = false

  validation {
    condition     = can(var.environment["POORWILL_STORE"])
    error_message = "environment: wanted POORWILL_STORE, where versions are; write the output environment of module storage, or { POORWILL_STORE = \"s3://bucket\" }."
  }

  validation {
    condition     = !anytrue([for name in keys(var.environment) : can(regex("SECRET|PASSWORD|TOKEN|ACCESS_KEY", name))])
    error_message = "environment: wanted nothing secret, as this becomes a ConfigMap and lies in Terraform's state; write keys into the Secret poorwill-store by kubectl, or better, let pods reach the store by their identity."
  }
}

variable "service_accounts" {
  description = "Annotations of the service accounts that reach the store, by name: output service_accounts of module storage."
  type        = map(object({ annotations = map(string) }))
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.service_accounts) : contains(["poorwill-predictor", "poorwill-pipeline", "poorwill-deploy"], name)])
    error_message = "service_accounts: wanted accounts of Poorwill; write entries of poorwill-predictor, poorwill-pipeline and poorwill-deploy alone."
  }
}

variable "pod_labels" {
  description = "Labels that the cloud wants on pods that reach the store: output pod_labels of module storage."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "deploy" {
  description = "The deploy function's image, by its digest; null does without the function."
  type        = object({ image = string })
  default     = null

  validation {
    condition     = try(var.deploy.image, null) == null || can(regex("^[a-z0-9][a-z0-9._/:-]*@sha256:[0-9a-f]{64}$", var.deploy.image))
    error_message = "deploy: wanted its image by a digest, so that a tag that moves changes nothing; write { image = \"registry/name@sha256:<64 hex digits>\" }."
  }
}

variable "access" {
  description = "How kubectl reaches the cluster, so that apply ends when Knative is Ready: output access of module cluster; null does not wait."
  type = object({
    kubeconfig             = optional(string)
    host                   = optional(string)
    cluster_ca_certificate = optional(string)
    exec                   = optional(object({ command = string, args = list(string) }))
  })
  default = null
}
