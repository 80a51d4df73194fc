"""What the functions of a pipeline are called; importing it takes no time."""

STEPS = ("ingest", "validate", "train", "evaluate", "register")
"""Each is a function of its own; deploy is the deploy function."""
KEEPER = "deadletters"
"""The function that keeps what nobody took."""
LISTENER = "listen"
"""Prints what it is sent; `poorwill listen` brings it to a Broker for as long as somebody looks."""
FEEDBACK = "feedback"
"""The function that keeps what versions answered, and what turned out to be true."""
DRIFT = "drift"
"""The function that holds what versions see and answer beside what they were made from, by the clock."""
FUNCTIONS = (*STEPS, KEEPER, LISTENER, FEEDBACK, DRIFT)
