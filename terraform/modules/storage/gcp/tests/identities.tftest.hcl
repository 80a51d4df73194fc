mock_provider "google" {
  override_during = plan
}

override_data {
  target = data.google_project.this
  values = { number = "111122223333" }
}

override_data {
  target = data.google_project.cluster
  values = { number = "444455556666" }
}

variables {
  name    = "shop"
  region  = "europe-west3"
  cluster = { cluster = "shop", issuer = "https://container.googleapis.com/v1/projects/clusters-1234/locations/europe-west3/clusters/shop" }
}

run "a_reader_reads" {
  command = plan

  assert {
    condition     = toset([for reader in google_storage_bucket_iam_member.reader : reader.role]) == toset(["roles/storage.objectViewer"])
    error_message = "A reader was to get and list objects, and nothing else."
  }

  assert {
    condition     = keys(google_storage_bucket_iam_member.reader) == ["poorwill-predictor"]
    error_message = "Predictors alone were to be readers."
  }
}

run "a_writer_writes_in_this_bucket_alone" {
  command = plan

  assert {
    condition     = toset([for writer in google_storage_bucket_iam_member.writer : writer.role]) == toset(["roles/storage.objectUser"])
    error_message = "A writer was to read, write and delete objects, and not to manage the bucket."
  }

  assert {
    condition     = toset([for user in concat(values(google_storage_bucket_iam_member.reader), values(google_storage_bucket_iam_member.writer)) : user.bucket]) == toset(["shop-111122223333-europe-west3"])
    error_message = "All were to reach this bucket alone."
  }

  assert {
    condition     = keys(google_storage_bucket_iam_member.writer) == ["poorwill-deploy", "poorwill-pipeline"]
    error_message = "Pipelines and the deploy function were to be writers."
  }
}

run "a_service_account_of_the_clusters_project_is_the_principal" {
  command = plan

  variables {
    namespace = "models"
    readers   = ["poorwill-predictor"]
    writers   = ["poorwill-deploy"]
  }

  assert {
    condition     = data.google_project.cluster.project_id == "clusters-1234"
    error_message = "The pool was to be that of the cluster's project, wherever the bucket lies."
  }

  assert {
    condition     = google_storage_bucket_iam_member.reader["poorwill-predictor"].member == "principal://iam.googleapis.com/projects/444455556666/locations/global/workloadIdentityPools/clusters-1234.svc.id.goog/subject/ns/models/sa/poorwill-predictor"
    error_message = "The reader was to be the service account in its namespace."
  }

  assert {
    condition     = google_storage_bucket_iam_member.writer["poorwill-deploy"].member == "principal://iam.googleapis.com/projects/444455556666/locations/global/workloadIdentityPools/clusters-1234.svc.id.goog/subject/ns/models/sa/poorwill-deploy"
    error_message = "The writer was to be the service account in its namespace."
  }
}

run "cloud_storage_alone_uses_the_key" {
  command = plan

  override_data {
    target = data.google_storage_project_service_account.this
    values = { email_address = "service-111122223333@gs-project-accounts.iam.gserviceaccount.com" }
  }

  assert {
    condition     = local.agents == { store = "service-111122223333@gs-project-accounts.iam.gserviceaccount.com" }
    error_message = "The key was to be Cloud Storage's, and no pod was to need a right to it."
  }
}
