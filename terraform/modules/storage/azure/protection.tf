# Azure deletes an account with all that is in it, without asking: this asks. A lock would also hold what has to change,
# such as the rights of a service account that is no reader any more.
resource "terraform_data" "content" {
  input = var.delete_with_content

  provisioner "local-exec" {
    when    = destroy
    command = self.output ? "exit 0" : "echo 'delete_with_content: the storage account holds models; apply delete_with_content = true, then destroy' && exit 1"
  }

  depends_on = [
    azurerm_storage_management_policy.this,
    azurerm_role_assignment.pods,
    azurerm_federated_identity_credential.service_account,
  ]
}
