"""Eventing on the twin: events are written down, filtered, and delivered until they arrive or their retries end."""
