"""`make bench`: the twin and its events; and what measures them, and the peers, alike. See docs/benchmarks.md."""
