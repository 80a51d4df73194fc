"""Pipelines: data that arrives becomes a version, by steps that events join and a store that remembers."""
