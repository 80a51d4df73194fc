"""A trained model becomes a function: pushed, served over HTTP and CloudEvents, asleep at zero cost."""

__version__ = "0.1.0"
