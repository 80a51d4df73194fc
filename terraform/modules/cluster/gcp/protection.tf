# GKE's provider refuses to delete a protected cluster, but only when its nodes are gone: what is destroyed before all else
# refuses sooner.
resource "terraform_data" "deletion_protection" {
  input = var.deletion_protection

  provisioner "local-exec" {
    when    = destroy
    quiet   = true
    command = self.input ? "echo deletion_protection is true: apply false first, then destroy && exit 1" : "exit 0"
  }

  depends_on = [google_container_node_pool.this]
}
