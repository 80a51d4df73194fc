"""CloudEvents 1.0 over HTTP: the event, its three modes on the wire, and replies."""
