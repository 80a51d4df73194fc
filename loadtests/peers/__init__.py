"""`make peers`: Poorwill beside what else serves a model, in one run. See docs/peers.md."""
