"""API keys: the server knows their SHA-256 digests only, so what it is configured with lets nobody in."""

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from hmac import compare_digest
from time import monotonic

from poorwill.errors import Fault, PoorwillError, UsageError
from poorwill.serving.auth.caller import Caller

_LOOK_SECONDS = 5.0  # between two looks at whether a file has changed
_ENTRY = re.compile(r"([a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?)=sha256:([0-9a-f]{64})")
_WANTED = "name=sha256:<64 hex digits>, names of lower case, each once, joined by commas or line breaks"
_NEXT = "docs/authentication.md says how to make a key and its entry"

Digests = Mapping[str, bytes]
"""SHA-256 digests of keys by the name of who has them."""


def parse_digests(text: str, where: str) -> Digests:
    """Return the digests of a list of keys; comments begin with #.

    Raises:
        UsageError: it is none, or is empty.
    """
    lines = [line.partition("#")[0] for line in text.splitlines()]
    entries = [entry.strip() for line in lines for entry in line.split(",") if entry.strip()]
    matches = [match for entry in entries if (match := _ENTRY.fullmatch(entry))]
    found = {match[1]: bytes.fromhex(match[2]) for match in matches}
    if not entries or len(found) < len(entries):
        words = f"{len(entries)} entries, of which {len(found)} can be used"
        raise UsageError(Fault(where, _WANTED, words, _NEXT))
    return found


class ApiKeys:
    """Judges API keys, in a time that tells nothing of them.

    Args:
        read: returns the digests; raises UsageError.
        version: changes when they may have changed.
        clock: in seconds.
        told: gets the error when what was changed can't be used; the former keys stay in force.
    """

    def __init__(
        self,
        read: Callable[[], Digests],
        version: Callable[[], object] = lambda: None,
        *,
        clock: Callable[[], float] = monotonic,
        told: Callable[[PoorwillError], None] = lambda _: None,
    ) -> None:
        self._read, self._version, self._clock, self._told = read, version, clock, told
        self._seen = version()
        self._digests = read()
        self._look_at = clock() + _LOOK_SECONDS

    def __call__(self, credential: str) -> Caller | None:
        """Return who has this key, None where nobody has."""
        if self._clock() >= self._look_at:
            self._look()
        shown = sha256(credential.encode("latin-1", "replace")).digest()
        found = None
        for name, digest in self._digests.items():  # all of them: how long it takes tells nothing
            if compare_digest(shown, digest):
                found = Caller(name, "api-key")
        return found

    def _look(self) -> None:
        self._look_at = self._clock() + _LOOK_SECONDS
        version = self._version()
        if version == self._seen:
            return
        self._seen = version
        try:
            self._digests = self._read()
        except PoorwillError as error:
            self._told(error)
