"""The founding comparison: all models in one server, one image, one release, beside a function for each model."""
