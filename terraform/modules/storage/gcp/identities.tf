# Workload Identity Federation: a pod's service account is itself a principal, and nothing is stored in the cluster.
# A project's clusters share one pool: an account of the same namespace and name in another of them is the same principal.
locals {
  # of the cluster, which may be another one than the bucket's
  project = try(regex("^https://container\\.googleapis\\.com/v1/projects/([^/]+)/", var.cluster.issuer)[0], null)
  pool    = "projects/${data.google_project.cluster.number}/locations/global/workloadIdentityPools/${local.project}.svc.id.goog"
}

data "google_project" "cluster" {
  project_id = local.project
}
