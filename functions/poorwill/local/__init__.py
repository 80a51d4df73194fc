"""The twin: the ground of Kubernetes and Knative on one machine, for the same manifests and commands."""
