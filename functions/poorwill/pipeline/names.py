"""What a pipeline's file and its functions are called; nothing is imported for it."""

SPEC_FILE = "pipeline.yaml"

STEPS = ("ingest", "validate", "train", "evaluate", "register")
"""Each is a function of its own; deploy is the deploy function."""
KEEPER = "deadletters"
"""The function that keeps what nobody took."""
