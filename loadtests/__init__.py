"""Load on what is served, with every answer checked. Locust patches the process it runs in, so nothing imports it."""
