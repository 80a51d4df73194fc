# Nobody deletes the cluster or a pool of it, whatever tool they use.
resource "azurerm_management_lock" "cluster" {
  count = var.deletion_protection ? 1 : 0

  name       = "poorwill-deletion-protection"
  scope      = azurerm_kubernetes_cluster.this.id
  lock_level = "CanNotDelete"
  notes      = "Set deletion_protection = false in Terraform, and apply that, to delete it."

  # a pool that goes waits until the lock is gone
  depends_on = [azurerm_kubernetes_cluster_node_pool.spot]
}

# Terraform takes its own lock away first, so `terraform destroy` is refused here, before that.
resource "terraform_data" "deletion_protection" {
  input = var.deletion_protection

  provisioner "local-exec" {
    when    = destroy
    command = self.output ? "echo 'deletion_protection: the cluster is protected; apply deletion_protection = false, then destroy' && exit 1" : "exit 0"
  }

  depends_on = [
    azurerm_management_lock.cluster,
    azurerm_monitor_diagnostic_setting.cluster,
    azurerm_monitor_diagnostic_setting.key_vault,
  ]
}
