"""A version becomes a version service, and traffic moves between versions by the model route."""
