# What the components of knative/components change of a version service, by the paths of their patches; a test holds each
# component to what kustomize makes of it.
locals {
  components = "${path.module}/../../../knative/components"
  pod        = "/spec/template/spec"
  container  = "/spec/template/spec/containers/0"

  operations = flatten([
    for name in var.components : [
      for patch in yamldecode(file("${local.components}/${name}/kustomization.yaml")).patches : [
        for operation in yamldecode(patch.patch) : merge(operation, {
          within = dirname(operation.path)
          key    = replace(replace(basename(operation.path), "~1", "/"), "~0", "~")
        })
      ] if patch.target.kind == "Service"
    ]
  ])

  # by what they are within: members that are set, and items that are appended
  set = {
    for within in ["/spec/template/metadata/labels", "/spec/template/metadata/annotations", local.pod, "${local.container}/resources/limits", "${local.container}/resources/requests"] :
    within => merge([for operation in local.operations : { (operation.key) = operation.value } if operation.within == within]...)
  }
  appended = {
    for within in ["${local.pod}/volumes", "${local.container}/env", "${local.container}/envFrom", "${local.container}/volumeMounts"] :
    within => [for operation in local.operations : operation.value if operation.within == within && operation.key == "-"]
  }
}
