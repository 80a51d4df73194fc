mock_provider "kubectl" {}

variables {
  model = "digits"
  hosts = ["digits.example.com", "aws.digits.example.com"]
}

run "each_host_leads_to_the_models_route" {
  command = plan

  assert {
    condition = alltrue([
      for host, mapping in kubectl_manifest.mapping :
      yamldecode(mapping.yaml_body).spec == { ref = { apiVersion = "serving.knative.dev/v1", kind = "Route", name = "digits", namespace = "poorwill" } }
    ])
    error_message = "not to a version service: the split holds"
  }

  assert {
    condition = { for host, mapping in kubectl_manifest.mapping : host => "${yamldecode(mapping.yaml_body).apiVersion} ${yamldecode(mapping.yaml_body).metadata.namespace}/${yamldecode(mapping.yaml_body).metadata.name}" } == {
      "digits.example.com"     = "serving.knative.dev/v1beta1 poorwill/digits.example.com"
      "aws.digits.example.com" = "serving.knative.dev/v1beta1 poorwill/aws.digits.example.com"
    }
    error_message = "a mapping is called as its host"
  }

  assert {
    condition     = output.urls == { "digits.example.com" = "https://digits.example.com", "aws.digits.example.com" = "https://aws.digits.example.com" }
    error_message = "URLs are over TLS"
  }
}

run "the_namespace_claims_each_host" {
  command = plan

  variables {
    namespace = "models"
  }

  assert {
    condition     = toset([for claim in kubectl_manifest.claim : "${yamldecode(claim.yaml_body).metadata.name} ${yamldecode(claim.yaml_body).spec.namespace}"]) == toset(["digits.example.com models", "aws.digits.example.com models"])
    error_message = "Knative maps no host that nobody has claimed"
  }

  assert {
    condition     = alltrue([for claim in kubectl_manifest.claim : !can(yamldecode(claim.yaml_body).metadata.namespace)])
    error_message = "a claim lies in no namespace"
  }
}

run "a_certificate_of_yours_takes_the_place_of_knatives" {
  command = plan

  variables {
    certificate = "digits-tls"
  }

  assert {
    condition     = alltrue([for mapping in kubectl_manifest.mapping : yamldecode(mapping.yaml_body).spec.tls == { secretName = "digits-tls" }])
    error_message = "all hosts by one Secret"
  }
}

run "refuses_a_model_that_is_no_label" {
  command = plan

  variables {
    model = "Digits"
  }

  expect_failures = [var.model]
}

run "refuses_a_namespace_that_is_no_label" {
  command = plan

  variables {
    namespace = "my models"
  }

  expect_failures = [var.namespace]
}

run "refuses_a_host_with_a_scheme" {
  command = plan

  variables {
    hosts = ["https://digits.example.com"]
  }

  expect_failures = [var.hosts]
}

run "refuses_a_host_of_the_cluster_itself" {
  command = plan

  variables {
    hosts = ["digits.poorwill.svc.cluster.local"]
  }

  expect_failures = [var.hosts]
}

run "refuses_a_certificate_that_is_no_name" {
  command = plan

  variables {
    certificate = "Digits TLS"
  }

  expect_failures = [var.certificate]
}
