mock_provider "kubectl" {}
mock_provider "helm" {}

variables {
  cloud       = "aws"
  domain      = "models.example.com"
  environment = { POORWILL_STORE = "s3://models", AWS_REGION = "eu-central-1" }
  service_accounts = {
    poorwill-predictor = { annotations = { "example.com/role" = "reader" } }
    poorwill-pipeline  = { annotations = {} }
    poorwill-deploy    = { annotations = { "example.com/role" = "reader" } }
  }
}

run "the_namespace_enforces_restricted_pods" {
  command = plan

  assert {
    condition     = nonsensitive(yamldecode(kubectl_manifest.namespace[0].yaml_body).metadata.labels["pod-security.kubernetes.io/enforce"]) == "restricted"
    error_message = "wanted the overlay's namespace"
  }
  assert {
    condition     = nonsensitive(yamldecode(kubectl_manifest.store.yaml_body).data) == { POORWILL_STORE = "s3://models", AWS_REGION = "eu-central-1" }
    error_message = "wanted what storage says, and nothing of the base's example"
  }
  assert {
    condition     = output.namespace == "poorwill"
    error_message = "wanted the usual namespace"
  }
}

run "accounts_bear_what_the_cloud_wants_and_no_token_is_given_to_predictors" {
  command = plan

  assert {
    condition     = keys(kubectl_manifest.service_account) == ["poorwill-pipeline", "poorwill-predictor"]
    error_message = "wanted no account of a function that is not there"
  }
  assert {
    condition = nonsensitive(
      yamldecode(kubectl_manifest.service_account["poorwill-predictor"].yaml_body).metadata.annotations["example.com/role"] == "reader" &&
      !yamldecode(kubectl_manifest.service_account["poorwill-predictor"].yaml_body).automountServiceAccountToken
    )
    error_message = "wanted the annotation, and no token"
  }
}

run "predictors_reach_what_the_overlay_says_and_nothing_else" {
  command = plan

  assert {
    condition = nonsensitive(
      length(yamldecode(kubectl_manifest.network_policy[0].yaml_body).spec.egress) == 3 &&
      yamldecode(kubectl_manifest.network_policy[0].yaml_body).spec.egress[2].to[0].ipBlock.cidr == "169.254.170.23/32"
    )
    error_message = "wanted the component's rules and that of Pod Identity's agent"
  }
}

run "each_cloud_has_its_own_rules" {
  command = plan

  variables {
    cloud = "gcp"
  }

  assert {
    condition     = nonsensitive(length(yamldecode(kubectl_manifest.network_policy[0].yaml_body).spec.egress)) == 5
    error_message = "wanted the component's rules and those of GKE's metadata server"
  }
}

run "azures_overlay_adds_none" {
  command = plan

  variables {
    cloud = "azure"
  }

  assert {
    condition     = nonsensitive(length(yamldecode(kubectl_manifest.network_policy[0].yaml_body).spec.egress)) == 2
    error_message = "wanted the component's rules"
  }
}

run "the_namespace_default_is_left_as_it_is" {
  command = plan

  variables {
    cloud     = "local"
    namespace = "default"
    knative   = false
  }

  assert {
    condition     = length(kubectl_manifest.namespace) + length(kubectl_manifest.network_policy) == 0
    error_message = "wanted neither a namespace nor a policy"
  }
}

run "the_deploy_function_works_in_its_namespace_alone" {
  command = plan

  variables {
    deploy     = { image = "registry.example/deploy@sha256:0000000000000000000000000000000000000000000000000000000000000001" }
    pod_labels = { "azure.workload.identity/use" = "true" }
    namespace  = "models"
  }

  assert {
    condition = nonsensitive(
      yamldecode(kubectl_manifest.deploy_function["binding"].yaml_body).subjects == [{ kind = "ServiceAccount", name = "poorwill-deploy", namespace = "models" }] &&
      yamldecode(kubectl_manifest.deploy_function["role"].yaml_body).kind == "Role" &&
      alltrue([for manifest in values(kubectl_manifest.deploy_function) : yamldecode(manifest.yaml_body).metadata.namespace == "models"])
    )
    error_message = "wanted a Role, and no more, in that namespace"
  }
  assert {
    condition = nonsensitive(
      yamldecode(kubectl_manifest.deploy_function["service"].yaml_body).spec.template.spec.containers[0].image == var.deploy.image &&
      yamldecode(kubectl_manifest.deploy_function["service"].yaml_body).spec.template.metadata.labels["azure.workload.identity/use"] == "true"
    )
    error_message = "wanted the image by its digest, and the cloud's label"
  }
  assert {
    condition     = contains(keys(kubectl_manifest.service_account), "poorwill-deploy")
    error_message = "wanted its account"
  }
}
