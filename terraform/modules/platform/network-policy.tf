# The policy of knative/components where the overlay has it, with what the overlay adds: where the cloud's identities are.
locals {
  overlay = yamldecode(file("${local.overlays}/${var.cloud}/kustomization.yaml"))
  policy  = yamldecode(file("${path.module}/../../../knative/components/network-policy/network-policy.yaml"))
  egress = flatten([
    for patch in local.overlay.patches : [
      for operation in yamldecode(patch.patch) : operation.value if operation.path == "/spec/egress/-"
    ] if patch.target.kind == "NetworkPolicy"
  ])
}

resource "kubectl_manifest" "network_policy" {
  count = contains(local.overlay.components, "../../components/network-policy") ? 1 : 0

  yaml_body = yamlencode(merge(local.policy, {
    metadata = merge(local.policy.metadata, { namespace = var.namespace })
    spec     = merge(local.policy.spec, { egress = concat(local.policy.spec.egress, local.egress) })
  }))
  server_side_apply = true

  depends_on = [kubectl_manifest.namespace]
}
