mock_data "google_project" {
  defaults = { id = "projects/shop-1234", number = "111122223333" }
}

mock_data "google_logging_project_cmek_settings" {
  defaults = { service_account_id = "cmek-p111122223333@gcp-sa-logging.iam.gserviceaccount.com" }
}

mock_data "google_storage_project_service_account" {
  defaults = { email_address = "service-111122223333@gs-project-accounts.iam.gserviceaccount.com" }
}

mock_resource "google_compute_network" {
  defaults = { id = "projects/shop-1234/global/networks/shop" }
}

mock_resource "google_compute_subnetwork" {
  defaults = { id = "projects/shop-1234/regions/europe-west3/subnetworks/shop" }
}

mock_resource "google_service_account" {
  defaults = { email = "shop-node@shop-1234.iam.gserviceaccount.com" }
}

mock_resource "google_kms_crypto_key" {
  defaults = { id = "projects/shop-1234/locations/europe-west3/keyRings/r/cryptoKeys/k" }
}

mock_resource "google_logging_project_bucket_config" {
  defaults = { id = "projects/shop-1234/locations/europe-west3/buckets/b" }
}

mock_resource "google_artifact_registry_repository" {
  defaults = { project = "shop-1234", name = "shop" }
}

mock_resource "google_container_cluster" {
  defaults = {
    id             = "projects/shop-1234/locations/europe-west3/clusters/shop"
    endpoint       = "10.20.0.2"
    master_version = "1.35.4-gke.1234000"
    # "an authority"
    master_auth = { cluster_ca_certificate = "YW4gYXV0aG9yaXR5" }
  }
}
