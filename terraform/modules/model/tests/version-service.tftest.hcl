mock_provider "kubectl" {}

variables {
  name      = "digits"
  namespace = "poorwill"
  domain    = "models.example.com"
  image     = "registry.example/serve@sha256:0000000000000000000000000000000000000000000000000000000000000001"
  registered = {
    model = "digits"
    versions = [
      { version = 1, digest = "sha256:aa", state = "live" },
      { version = 2, digest = "sha256:bb", state = "removed" },
      { version = 3, digest = "sha256:cc", state = "live" },
    ]
  }
  traffic = [{ version = 1, percent = 100 }, { version = 3, percent = 0 }]
}

run "each_version_has_a_service_of_its_own_pinned_by_digest" {
  command = plan

  assert {
    condition     = keys(kubectl_manifest.version) == ["1", "3"]
    error_message = "wanted a Service of each version in traffic, percent 0 included"
  }
  assert {
    condition = nonsensitive(alltrue([
      for version, digest in { "1" = "sha256:aa", "3" = "sha256:cc" } : [
        for entry in yamldecode(kubectl_manifest.version[version].yaml_body).spec.template.spec.containers[0].env : entry.value
        if contains(["POORWILL_MODEL", "POORWILL_DIGEST"], entry.name)
      ] == ["digits@${version}", digest]
    ]))
    error_message = "wanted the version's name and digest in its environment"
  }
  assert {
    condition     = nonsensitive(yamldecode(kubectl_manifest.version["3"].yaml_body).spec.template.spec.containers[0].image) == var.image
    error_message = "wanted the image by its digest"
  }
  assert {
    condition = nonsensitive(alltrue([
      for found in [yamldecode(kubectl_manifest.version["3"].yaml_body).metadata, yamldecode(kubectl_manifest.version["3"].yaml_body).spec.template.metadata] :
      found.labels["poorwill.dev/model"] == "digits" && found.labels["poorwill.dev/version"] == "3" && found.labels["app.kubernetes.io/name"] == "digits-v3"
    ]))
    error_message = "wanted the labels by which poorwill finds a version, on the Service and on its pods"
  }
  assert {
    condition     = kubectl_manifest.version["1"].server_side_apply && kubectl_manifest.version["1"].force_conflicts != true
    error_message = "wanted conflicts with whoever else writes a version to be shown"
  }
}

run "pods_are_as_strict_as_the_base_and_without_a_token" {
  command = plan

  assert {
    condition = nonsensitive(
      yamldecode(kubectl_manifest.version["1"].yaml_body).spec.template.spec.containers[0].securityContext ==
      yamldecode(file("../../../knative/base/version-service.yaml")).spec.template.spec.containers[0].securityContext &&
      !yamldecode(kubectl_manifest.version["1"].yaml_body).spec.template.spec.automountServiceAccountToken
    )
    error_message = "wanted the security context of knative/base, and no token"
  }
}

run "the_clouds_labels_and_the_scale_reach_the_pods_alone" {
  command = plan

  variables {
    pod_labels = { "azure.workload.identity/use" = "true" }
    scale      = { min = 1 }
  }

  assert {
    condition = nonsensitive(
      yamldecode(kubectl_manifest.version["1"].yaml_body).spec.template.metadata.labels["azure.workload.identity/use"] == "true" &&
      !can(yamldecode(kubectl_manifest.version["1"].yaml_body).metadata.labels["azure.workload.identity/use"])
    )
    error_message = "wanted the label on pods, and not on the Service"
  }
  assert {
    condition = nonsensitive(
      yamldecode(kubectl_manifest.version["1"].yaml_body).spec.template.metadata.annotations["autoscaling.knative.dev/min-scale"] == "1" &&
      yamldecode(kubectl_manifest.version["1"].yaml_body).spec.template.metadata.annotations["autoscaling.knative.dev/max-scale"] == "10"
    )
    error_message = "wanted min as asked for, and max of knative/base"
  }
}
