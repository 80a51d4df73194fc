"""How many pods each revision wants: Knative's own autoscaler as pure values on an injected clock."""
