variables {
  namespace = "poorwill"
  objects   = ["routes.serving.knative.dev/digits"]
  written   = "1"
}

run "a_clusters_own_way_in_becomes_a_kubeconfig_with_a_command_and_no_token" {
  command = plan

  variables {
    access = {
      host                   = "https://cluster.example"
      cluster_ca_certificate = "PEM"
      exec                   = { command = "aws", args = ["eks", "get-token"] }
    }
  }

  assert {
    condition     = local.kubeconfig.clusters[0].cluster == { server = "https://cluster.example", certificate-authority-data = base64encode("PEM") }
    error_message = "wanted the cluster and its authority"
  }
  assert {
    condition     = keys(local.kubeconfig.users[0].user) == ["exec"] && local.kubeconfig.users[0].user.exec.command == "aws"
    error_message = "wanted a command that gets a token, and none"
  }
}
