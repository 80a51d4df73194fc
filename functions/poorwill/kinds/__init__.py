"""What Poorwill knows of the Kubernetes and Knative kinds that it uses: names, fields, defaults, rules; all pure."""
