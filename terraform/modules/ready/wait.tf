# The provider applies manifests and reads no status, so kubectl asks. No shell word is made of what a caller gave: all of
# it comes by the environment.
resource "terraform_data" "ready" {
  triggers_replace = [var.written, var.objects]

  provisioner "local-exec" {
    quiet       = true
    interpreter = ["/bin/sh", "-eu", "-c"]
    environment = {
      KUBECONFIG = var.access.kubeconfig == null ? "" : abspath(pathexpand(var.access.kubeconfig))
      WRITTEN    = local.kubeconfig == null ? "" : yamlencode(local.kubeconfig)
      NAMESPACE  = var.namespace
      OBJECTS    = join(" ", var.objects)
      WAIT       = var.wait_seconds
      SETTLE     = var.settle_seconds
      LOOK       = local.look
    }
    command = "eval \"$LOOK\"" # a failure quotes its command, and should be read for the reason alone
  }
}

locals {
  look = <<-EOT
    command -v kubectl >/dev/null || { echo "wanted kubectl on the PATH, which asks whether the model is Ready; found none; install it"; exit 1; }
    answer=$(mktemp)
    trap 'rm -f "$answer" "$answer.kubeconfig"' EXIT
    if [ -n "$WRITTEN" ]; then
      (umask 077 && printf '%s' "$WRITTEN" >"$answer.kubeconfig")
      KUBECONFIG="$answer.kubeconfig"
    fi
    export KUBECONFIG
    ready='{.status.conditions[?(@.type=="Ready")]'
    look="{.metadata.generation}|{.status.observedGeneration}|$ready.status}|$ready.reason}: $ready.message}"
    why='{range .status.conditions[?(@.status!="True")]}{.type}: {.reason}: {.message}{"\n"}{end}'
    for object in $OBJECTS; do
      began=$(date +%s) false_since=0
      while :; do
        generation= observed= status= words="nothing yet"
        if kubectl get --namespace "$NAMESPACE" "$object" --output "jsonpath=$look" >"$answer" 2>&1; then
          IFS='|' read -r generation observed status words <"$answer" || :
        else
          words=$(cat "$answer")
        fi
        now=$(date +%s)
        [ "$observed" = "$generation" ] || status=
        [ "$status" = True ] && break
        { [ "$status" = False ] && [ "$false_since" != 0 ]; } || false_since=$now
        if [ $((now - false_since)) -ge "$SETTLE" ] || [ $((now - began)) -ge "$WAIT" ]; then
          echo "$object in namespace $NAMESPACE: wanted Ready, found after $((now - began)) s: $words"
          kubectl get --namespace "$NAMESPACE" "$object" --output "jsonpath=$why" 2>/dev/null || :
          exit 1
        fi
        sleep 1
      done
    done
  EOT
}
