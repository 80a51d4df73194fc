"""Harm under load: faults one after the other, drawn from a seed, and what callers saw of them; and a soak."""
