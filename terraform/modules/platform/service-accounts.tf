# Predictors always have an account; pipelines where the store knows theirs, the deploy function where there is one.
locals {
  account_files = {
    poorwill-predictor = "base"
    poorwill-pipeline  = "pipeline/broker"
    poorwill-deploy    = "functions/deploy"
  }
  accounts = {
    for name, folder in local.account_files : name => yamldecode(file("${path.module}/../../../knative/${folder}/service-account.yaml"))
    if name == "poorwill-predictor" || (name == "poorwill-deploy" ? var.deploy != null : contains(keys(var.service_accounts), name))
  }
}

resource "kubectl_manifest" "service_account" {
  for_each = local.accounts

  yaml_body = yamlencode(merge(each.value, {
    metadata = merge(each.value.metadata, {
      namespace   = var.namespace
      annotations = try(var.service_accounts[each.key].annotations, {})
    })
  }))
  server_side_apply = true

  depends_on = [kubectl_manifest.namespace]
}
