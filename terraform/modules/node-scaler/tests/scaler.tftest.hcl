mock_provider "helm" {}

variables {
  cluster            = "shop"
  region             = "eu-central-1"
  kubernetes_version = "1.35"
}

run "it_scales_this_clusters_groups" {
  command = plan

  assert {
    condition     = yamldecode(helm_release.scaler.values[0]).autoDiscovery.clusterName == "shop" && yamldecode(helm_release.scaler.values[0]).awsRegion == "eu-central-1"
    error_message = "The groups were to be found by the cluster's name, in its region."
  }

  assert {
    condition     = helm_release.scaler.namespace == "kube-system" && yamldecode(helm_release.scaler.values[0]).rbac.serviceAccount.name == "cluster-autoscaler"
    error_message = "It was to be the service account that has the role."
  }

  assert {
    condition     = yamldecode(helm_release.scaler.values[0]).nodeSelector == { "poorwill.dev/pool" = "always-on" }
    error_message = "It was not to be on a node that it may take away."
  }
}

run "it_is_the_release_of_the_clusters_version" {
  command = plan

  variables {
    kubernetes_version = "1.34"
  }

  assert {
    condition     = startswith(yamldecode(helm_release.scaler.values[0]).image.tag, "v1.34.") && output.release == yamldecode(helm_release.scaler.values[0]).image.tag
    error_message = "Release and cluster were to be of one version."
  }
}

run "refuses_a_version_without_a_release" {
  command = plan

  variables {
    kubernetes_version = "1.33"
  }

  expect_failures = [var.kubernetes_version]
}

run "refuses_a_cluster_without_a_name" {
  command = plan

  variables {
    cluster = ""
  }

  expect_failures = [var.cluster]
}

run "refuses_a_region_that_is_none" {
  command = plan

  variables {
    region = "Frankfurt"
  }

  expect_failures = [var.region]
}
