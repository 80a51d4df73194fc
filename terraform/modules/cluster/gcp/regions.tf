# Regions of Google Cloud with GKE in three zones, Cloud KMS and Artifact Registry, and their zones' letters: 2026-11-28.
# A list and no look-up, so that a zone that is down for an hour moves no nodes. me-central2 wants a contract of its own.
locals {
  regions = merge(
    { for region in local.regions_abc : region => ["a", "b", "c"] },
    { "europe-west1" = ["b", "c", "d"], "us-east1" = ["b", "c", "d"] },
  )

  regions_abc = [
    "africa-south1",
    "asia-east1",
    "asia-east2",
    "asia-northeast1",
    "asia-northeast2",
    "asia-northeast3",
    "asia-south1",
    "asia-south2",
    "asia-southeast1",
    "asia-southeast2",
    "australia-southeast1",
    "australia-southeast2",
    "europe-central2",
    "europe-north1",
    "europe-north2",
    "europe-southwest1",
    "europe-west2",
    "europe-west3",
    "europe-west4",
    "europe-west6",
    "europe-west8",
    "europe-west9",
    "europe-west10",
    "europe-west12",
    "me-central1",
    "me-west1",
    "northamerica-northeast1",
    "northamerica-northeast2",
    "northamerica-south1",
    "southamerica-east1",
    "southamerica-west1",
    "us-central1",
    "us-east4",
    "us-east5",
    "us-south1",
    "us-west1",
    "us-west2",
    "us-west3",
    "us-west4",
  ]

  zones = slice([for letter in local.regions[var.region] : "${var.region}-${letter}"], 0, var.network.zones)
}
