resource "google_kms_crypto_key" "this" {
  #checkov:skip=CKV_GCP_82:prevent_destroy can't be a variable; a destroyed key can be had back for 30 days, and what holds data refuses to go before its key
  for_each = var.keys

  name            = each.key
  key_ring        = google_kms_key_ring.this.id
  rotation_period = "7776000s" # 90 days; old versions go on opening what they closed
  # for as long as a destroy can be undone; Cloud KMS takes no other value later, so it is the same for all
  destroy_scheduled_duration = "2592000s"
  labels                     = merge(var.tags, { poorwill = var.name })
}
