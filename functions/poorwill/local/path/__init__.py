"""How a request finds a process: the routes, the activator that holds and carries, Envoy in front of it."""
