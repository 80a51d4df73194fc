# The command that gets a token is named here, never a token: nothing of it is secret.
locals {
  kubeconfig = var.access.host == null ? null : {
    apiVersion      = "v1"
    kind            = "Config"
    current-context = "cluster"
    contexts        = [{ name = "cluster", context = { cluster = "cluster", user = "user" } }]
    clusters = [{
      name = "cluster"
      cluster = {
        server                     = var.access.host
        certificate-authority-data = base64encode(coalesce(var.access.cluster_ca_certificate, " "))
      }
    }]
    users = [{
      name = "user"
      user = {
        exec = {
          apiVersion      = "client.authentication.k8s.io/v1beta1"
          interactiveMode = "Never"
          command         = try(var.access.exec.command, "")
          args            = try(var.access.exec.args, [])
        }
      }
    }]
  }
}
