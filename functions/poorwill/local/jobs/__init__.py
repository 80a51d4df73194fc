"""Jobs as processes that run to their end: what the Job controller and kubelet are to a cluster."""
