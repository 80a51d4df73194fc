"""The twin's Kubernetes API."""
