# knative/functions/deploy. Who may call it stands in a Secret or ConfigMap that Terraform does not write: see there.
locals {
  function         = "${path.module}/../../../knative/functions/deploy"
  function_rights  = { for document in split("\n---\n", file("${local.function}/role.yaml")) : yamldecode(document).kind => yamldecode(document) }
  function_service = yamldecode(file("${local.function}/service.yaml"))
  function_template = merge(local.function_service.spec.template, {
    metadata = merge(local.function_service.spec.template.metadata, {
      labels = merge(local.function_service.spec.template.metadata.labels, var.pod_labels)
    })
    spec = merge(local.function_service.spec.template.spec, {
      containers = [merge(one(local.function_service.spec.template.spec.containers), { image = try(var.deploy.image, "") })]
    })
  })

  function_manifests = {
    role = yamlencode(merge(local.function_rights["Role"], {
      metadata = merge(local.function_rights["Role"].metadata, { namespace = var.namespace })
    }))
    binding = yamlencode(merge(local.function_rights["RoleBinding"], {
      metadata = merge(local.function_rights["RoleBinding"].metadata, { namespace = var.namespace })
      subjects = [for subject in local.function_rights["RoleBinding"].subjects : merge(subject, { namespace = var.namespace })]
    }))
    service = yamlencode(merge(local.function_service, {
      metadata = merge(local.function_service.metadata, { namespace = var.namespace })
      spec     = merge(local.function_service.spec, { template = local.function_template })
    }))
  }
}

resource "kubectl_manifest" "deploy_function" {
  for_each = { for name, manifest in local.function_manifests : name => manifest if var.deploy != null }

  yaml_body         = each.value
  server_side_apply = true

  depends_on = [kubectl_manifest.service_account, kubectl_manifest.store, module.serving_ready, kubectl_manifest.knative]
}
