variable "kubeconfig" {
  description = "Path of the kubeconfig that says which cluster: a twin's, or any other with Knative."
  type        = string
  nullable    = false

  validation {
    condition     = fileexists(pathexpand(var.kubeconfig))
    error_message = "kubeconfig: wanted a kubeconfig, found no file there; start a twin with `poorwill up --detach` and write the path of its .poorwill/kubeconfig."
  }
}

variable "namespace" {
  description = "Namespace that is made for models, and deleted with all that is in it; default is left as it is."
  type        = string
  default     = "poorwill"
  nullable    = false
}

variable "domain" {
  description = "What the models' URLs end in, with the port where it is not 80."
  type        = string
  default     = "poorwill.localhost:8090"
  nullable    = false
}

variable "store" {
  description = "Where versions are; a relative folder lies where the twin was started."
  type        = string
  default     = "./store"
  nullable    = false
}

variable "environment" {
  description = "What predictors need besides to reach the store, such as AWS_REGION; nothing secret."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "image" {
  description = "The predictor's image by its digest; null is Poorwill's own, which a twin has."
  type        = string
  default     = null
}

variable "models" {
  description = "By the model's name: the file with what `poorwill versions MODEL --output json` printed, percents by version, who moves traffic (terraform or runtime), and components of knative/components such as authentication/api-keys."
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

  validation {
    condition = length(distinct([
      for model in values(var.models) : try(jsondecode(file(pathexpand(model.registered_file))).model, model.registered_file)
    ])) == length(var.models)
    error_message = "models: wanted each model once, found two entries whose files are of the same model; write one entry, with all versions in its traffic."
  }
}
