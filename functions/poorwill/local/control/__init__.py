"""Reconcilers: from the objects that are there to the objects and statuses that Knative Serving 1.23 would write."""
