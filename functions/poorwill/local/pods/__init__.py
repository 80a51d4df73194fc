"""Functions as processes: what kubelet and a Deployment are to a cluster."""
