# When this was made: Cloud KMS keeps each ring's name for ever, so what is made anew after a destroy wants another.
resource "terraform_data" "made" {
  input = plantimestamp()

  lifecycle {
    ignore_changes = [input]
  }
}

resource "google_kms_key_ring" "this" {
  name     = "${var.name}-${var.purpose}-${formatdate("YYYYMMDDhhmmss", terraform_data.made.output)}"
  location = var.region
}
