"""The models of the long tail that the run's own callers ask: each fault has one, which sleeps until then."""

SLOW_STORE, STORE_AWAY, CROWD, AWAKE, LYING_STORE = range(1, 6)
PATIENT = (SLOW_STORE, STORE_AWAY, CROWD, AWAKE)
HASTY = (LYING_STORE,)
HASTY_SECONDS = 6
"""timeoutSeconds of a model whose callers are to be told that nothing came."""
