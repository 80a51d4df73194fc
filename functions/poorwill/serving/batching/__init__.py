"""Requests that come at once share runs of the model: which models, how many rows, and whose answer is whose."""
