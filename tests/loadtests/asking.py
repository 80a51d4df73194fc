"""Requests as they went, made up for tests: of digits@1, a tenth of a second apart."""

from loadtests.asked import Asked, Outcome


def asked(sent_seconds=0.0, took_ms=10.0, *, outcome=Outcome.RIGHT, start_ms=0.0, **more):
    """Return one request."""
    known = {"kind": "infer", "model": "digits", "version": "1"} | more
    return Asked(**known, sent_seconds=sent_seconds, took_ms=took_ms, outcome=outcome, start_ms=start_ms)


def many(count=20, begin_seconds=0.0, **more):
    """Return so many."""
    return [asked(begin_seconds + number / 10, **more) for number in range(count)]
