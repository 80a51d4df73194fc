"""A trained model becomes a function: pushed, served over HTTP and CloudEvents, asleep at zero cost."""
