"""What the functions of a pipeline are called; importing it takes no time."""

STEPS = ("ingest", "validate", "train", "evaluate", "register")
"""Each is a function of its own; deploy is the deploy function."""
KEEPER = "deadletters"
"""The function that keeps what nobody took."""
LISTENER = "listen"
"""Prints what it is sent; `poorwill listen` brings it to a Broker for as long as somebody looks."""
FUNCTIONS = (*STEPS, KEEPER, LISTENER)
