variable "cluster" {
  description = "Name of the EKS cluster: output name of modules/cluster/aws."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$", var.cluster))
    error_message = "cluster: wanted the name of an EKS cluster; write module.cluster.name."
  }
}

variable "region" {
  description = "The cluster's region: output region of modules/cluster/aws."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[1-9]$", var.region))
    error_message = "region: wanted a region of AWS; write module.cluster.region."
  }
}

variable "kubernetes_version" {
  description = "The cluster's version of Kubernetes: output kubernetes_version of modules/cluster/aws."
  type        = string
  nullable    = false

  validation {
    condition     = contains(keys(local.releases), var.kubernetes_version)
    error_message = "kubernetes_version: wanted one that a release of Cluster Autoscaler is known for; write module.cluster.kubernetes_version, which is ${join(" or ", keys(local.releases))}."
  }
}
