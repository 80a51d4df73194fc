"""Who a caller turned out to be, and the words for one that can't be believed."""

from collections.abc import Callable
from typing import NamedTuple

from poorwill.errors import Fault, UnauthenticatedError

REALM = "poorwill"


class Caller(NamedTuple):
    """A caller that showed who it is."""

    name: str  # of the API key, or the JWT's subject
    by: str  # api-key | jwt


Check = Callable[[str], Caller | None]
"""Judges a credential: who it is, or None where it is no credential of this kind.

Raises UnauthenticatedError for one of this kind that is not valid, DeniedError for a valid one that is not let in,
UnavailableError where that can't be told now.
"""


def unknown(wanted: str) -> UnauthenticatedError:
    """Return the refusal of a caller that shows nothing."""
    fault = Fault("Authorization", wanted, "none", "send `Authorization: Bearer` with it")
    return UnauthenticatedError(fault, challenge=f'Bearer realm="{REALM}"')


def invalid(wanted: str, found: str) -> UnauthenticatedError:
    """Return the refusal of a credential; nothing of it is told but what is wrong (RFC 6750, 3.1)."""
    fault = Fault("Authorization", wanted, found, "get another one from whoever runs this server")
    return UnauthenticatedError(fault, challenge=f'Bearer realm="{REALM}", error="invalid_token"')
