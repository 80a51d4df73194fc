mock_provider "kubectl" {}
mock_provider "helm" {}

variables {
  cloud       = "gcp"
  domain      = "models.example.com"
  environment = { POORWILL_STORE = "gs://models" }
}

run "the_operator_is_of_the_version_that_it_makes" {
  command = plan

  assert {
    condition     = strcontains(helm_release.knative_operator[0].chart, "/knative-v${yamldecode(file("../../../knative/platform/knative-serving.yaml")).spec.version}/")
    error_message = "wanted one version"
  }
  assert {
    condition     = keys(kubectl_manifest.knative) == ["eventing", "serving"] && keys(kubectl_manifest.knative_namespace) == ["knative-eventing", "knative-serving"]
    error_message = "wanted Serving and Eventing, each in its namespace"
  }
  assert {
    condition     = nonsensitive(yamldecode(kubectl_manifest.knative["serving"].yaml_body).spec.config.domain) == { "models.example.com" = "" }
    error_message = "wanted the domain alone"
  }
  assert {
    condition     = length(helm_release.cert_manager) == 0 && !can(nonsensitive(yamldecode(kubectl_manifest.knative["serving"].yaml_body).spec.config.certmanager))
    error_message = "wanted nothing of TLS"
  }
  assert {
    condition     = alltrue([for manifest in values(kubectl_manifest.knative) : manifest.wait])
    error_message = "wanted Knative gone before its operator goes"
  }
}

run "tls_adds_what_its_component_adds" {
  command = plan

  variables {
    tls = { email = "you@example.com" }
  }

  assert {
    condition = nonsensitive(
      yamldecode(kubectl_manifest.knative["serving"].yaml_body).spec.config.network["external-domain-tls"] == "Enabled" &&
      yamldecode(kubectl_manifest.knative["serving"].yaml_body).spec.config.network["http-protocol"] == "Redirected" &&
      yamldecode(kubectl_manifest.knative["serving"].yaml_body).spec.config.network["ingress-class"] == "kourier.ingress.networking.knative.dev" &&
      strcontains(yamldecode(kubectl_manifest.knative["serving"].yaml_body).spec.config.certmanager.issuerRef, "name: poorwill")
    )
    error_message = "wanted TLS beside what was there"
  }
  assert {
    condition     = nonsensitive(yamldecode(kubectl_manifest.issuer[0].yaml_body).spec.acme.email) == "you@example.com" && output.tls
    error_message = "wanted the address that is written to"
  }
}

run "where_knative_runs_already_none_is_made" {
  command = plan

  variables {
    knative = false
  }

  assert {
    condition     = length(helm_release.knative_operator) + length(kubectl_manifest.knative) + length(kubectl_manifest.knative_namespace) == 0
    error_message = "wanted nothing of Knative"
  }
}

run "apply_waits_for_knative" {
  command = plan

  variables {
    access = { kubeconfig = "/dev/null" }
  }

  assert {
    condition     = length(module.serving_ready) == 1 && length(module.eventing_ready) == 1
    error_message = "wanted Serving and Eventing to be waited for"
  }
}
