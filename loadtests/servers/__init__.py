"""Which server carries a predictor: the same small model under each, for docs/adr/0002."""
