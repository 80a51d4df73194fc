"""Predictions that were answered, sent on as events so that drift shows: off by default, sampled, redacted."""
