"""Where a pipeline's records lie in a store, and what decides a step's result."""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import msgspec

RUNS = "runs/"
RESULTS = "results/"
LEASES = "leases/"
DEAD_LETTERS = "deadletters/"
PROFILES = "profiles/"
LIVE = "live/"
DRIFT = "drift/"

_HEX_DIGITS = 16
_RUN = re.compile(r"[a-z][a-z0-9-]*-[0-9a-f]{16}")


def run_name(pipeline: str, source: str, event_id: str) -> str:
    """Return the run that an event begins: the same one, however often and late it comes."""
    # no attribute can hold U+0000, so ("a", "bc") and ("ab", "c") differ
    whole = sha256(f"{source}\0{event_id}".encode()).hexdigest()
    return f"{pipeline}-{whole[:_HEX_DIGITS]}"


def is_run_name(name: object) -> bool:
    """Return whether a run can have this name, so that it can be part of a key."""
    return isinstance(name, str) and _RUN.fullmatch(name) is not None


def step_key(decided_by: Mapping[str, Any]) -> str:
    """Return the digest of all that decides a step's result, sha256:<hex>: code, environment, parameters, inputs."""
    return f"sha256:{sha256(canonical_json(decided_by)).hexdigest()}"


def canonical_json(value: Any) -> bytes:
    """Return a value as JSON without spaces, its members in order: equal values have equal bytes."""
    return msgspec.json.encode(value, order="deterministic")


def run_key(run: str) -> str:
    """Return the key of a run's record."""
    return f"{RUNS}{run}/record.json"


def step_record_key(run: str, step: str) -> str:
    """Return the key of how a run's step ended."""
    return f"{RUNS}{run}/steps/{step}.json"


def begun_key(run: str, step: str) -> str:
    """Return the key that says who is at work on a run's step."""
    return f"{RUNS}{run}/begun/{step}.json"


def result_key(key: str) -> str:
    """Return the key of the result of a step's key."""
    return f"{RESULTS}{key.removeprefix('sha256:')}.json"


def lease_key(key: str) -> str:
    """Return the key of the lease on a step's key."""
    return f"{LEASES}{key.removeprefix('sha256:')}.json"


def first_profile_key(pipeline: str) -> str:
    """Return the key of what a pipeline's first data looked like."""
    return f"{PROFILES}{pipeline}.json"
