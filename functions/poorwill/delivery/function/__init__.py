"""The verbs of delivery as a function: the same as the commands, for callers that show who they are, and for events."""
