mock_provider "kubectl" {}

variables {
  name      = "digits"
  namespace = "poorwill"
  domain    = "models.example.com"
  registered = {
    model    = "digits"
    versions = [for version in [1, 2] : { version = version, digest = "sha256:aa", state = "live" }]
  }
  traffic = [{ version = 1, percent = 90 }, { version = 2, percent = 10 }]
}

run "the_route_names_both_versions_with_their_percents_and_tags" {
  command = plan

  assert {
    condition = nonsensitive(yamldecode(kubectl_manifest.route.yaml_body).spec.traffic) == [
      { configurationName = "digits-v1", latestRevision = true, percent = 90, tag = "v1" },
      { configurationName = "digits-v2", latestRevision = true, percent = 10, tag = "v2" },
    ]
    error_message = "wanted one target of each version"
  }
  assert {
    condition     = output.url == "http://digits.poorwill.models.example.com" && output.version_urls["v2"] == "http://v2-digits.poorwill.models.example.com"
    error_message = "wanted the URLs that Knative gives"
  }
  assert {
    condition     = output.split == { v1 = 90, v2 = 10 }
    error_message = "wanted the split by tag"
  }
}

run "terraform_takes_back_the_traffic_that_it_owns" {
  command = plan

  assert {
    condition     = kubectl_manifest.route.force_conflicts && length(kubectl_manifest.route.ignore_fields) == 0
    error_message = "wanted a changed percent to be drift, and put right"
  }
}

run "what_the_runtime_owns_is_written_once" {
  variables {
    split_owner = "runtime"
  }

  assert {
    condition     = !kubectl_manifest.route.force_conflicts && kubectl_manifest.route.ignore_fields == tolist(["spec.traffic"])
    error_message = "wanted a changed percent to be no drift"
  }
}

run "and_never_again" {
  command = plan

  variables {
    split_owner = "runtime"
    traffic     = [{ version = 1, percent = 0 }, { version = 2, percent = 100 }]
  }

  assert {
    condition     = nonsensitive(yamldecode(kubectl_manifest.route.yaml_body).spec.traffic[0].percent) == 90
    error_message = "wanted the Route as it was first written"
  }
}

run "https_where_the_platform_has_it" {
  command = plan

  variables {
    tls = true
  }

  assert {
    condition     = startswith(output.url, "https://")
    error_message = "wanted https"
  }
}

run "apply_waits_for_versions_and_then_for_the_route" {
  command = plan

  variables {
    access = { kubeconfig = "/dev/null" }
  }

  assert {
    condition     = length(module.versions_ready) == 1 && length(module.route_ready) == 1
    error_message = "wanted both to be waited for"
  }
}
