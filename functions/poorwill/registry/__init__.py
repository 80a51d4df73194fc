"""Versions of models: records, aliases, and the blobs they name."""
