"""Merging objects as the Kubernetes API does: patches, server-side apply, and who owns which field. Pure."""
