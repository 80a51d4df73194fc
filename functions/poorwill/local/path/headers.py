"""What the activator changes in a request's and an answer's headers; all else passes as it came."""

import uuid
from collections.abc import Iterable
from typing import NamedTuple

from multidict import CIMultiDict, CIMultiDictProxy

from poorwill.local.revision import RevisionKey

REVISION = "Knative-Serving-Revision"
NAMESPACE = "Knative-Serving-Namespace"

# RFC 9110 section 7.6.1, with what older clients send; Expect is answered here, an Upgrade is not taken (section 7.8)
_HOP_BY_HOP = frozenset(
    (
        "connection",
        "expect",
        "http2-settings",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
OWN = frozenset((REVISION.lower(), NAMESPACE.lower(), "k-proxy-request"))
_LONGEST_ID = 128


class Caller(NamedTuple):
    """Who sent a request."""

    address: str
    """Of the peer; empty where Envoy stands between and has written it down already."""
    request_id: str


def request_id(headers: CIMultiDictProxy[str]) -> str:
    """Return the caller's request id where it can be used, else a new one."""
    given = headers.get("X-Request-Id", "")
    if given and len(given) <= _LONGEST_ID and given.isascii() and given.isprintable():
        return given
    return str(uuid.uuid4())


def chosen(headers: CIMultiDictProxy[str]) -> RevisionKey | None:
    """Return the revision that Envoy has chosen by the split, if it has."""
    namespace, name = headers.get(NAMESPACE), headers.get(REVISION)
    return RevisionKey(namespace, name) if namespace and name else None


def to_function(headers: CIMultiDictProxy[str], caller: Caller) -> CIMultiDict[str]:
    """Return the headers that the function gets: as Knative's activator and queue-proxy leave them."""
    passed = _end_to_end(headers.items(), headers.getall("Connection", ()), OWN)
    if caller.address:
        _join(passed, "X-Forwarded-For", caller.address)
    passed.setdefault("X-Forwarded-Proto", "http")
    if "Forwarded" not in passed:
        passed["Forwarded"] = forwarded(passed.get("X-Forwarded-For", ""), passed["X-Forwarded-Proto"])
    passed["X-Request-Id"] = caller.request_id
    passed["K-Proxy-Request"] = "activator"
    return passed


def to_caller(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """Return the headers that the caller gets."""
    passed = _end_to_end(headers.items(), headers.getall("Connection", ()), frozenset())
    passed.setdefault("Server", "poorwill")  # or the HTTP library tells its name and version
    return passed


def onward(headers: CIMultiDictProxy[str], dropped: frozenset[str]) -> CIMultiDict[str]:
    """Return the headers that another server gets: neither the connection's own nor, in lower case, the dropped."""
    return _end_to_end(headers.items(), headers.getall("Connection", ()), dropped)


def forwarded(addresses: str, proto: str) -> str:
    """Return RFC 7239's header from those that came before it, as queue-proxy writes it."""
    nodes = [_node(address.strip()) for address in addresses.split(",")] if addresses else []
    first = ";".join([*nodes[:1], f"proto={proto}"])
    return ", ".join([first, *nodes[1:]])


def _node(address: str) -> str:
    return f'for="[{address}]"' if ":" in address else f"for={address}"


def _join(headers: CIMultiDict[str], name: str, value: str) -> None:
    headers[name] = ", ".join([*headers.getall(name, ()), value])


def _end_to_end(headers: Iterable[tuple[str, str]], connection: Iterable[str], own: frozenset[str]) -> CIMultiDict[str]:
    named = {token.strip().lower() for line in connection for token in line.split(",")}
    dropped = _HOP_BY_HOP | own | (named - {"host", "content-length"})
    return CIMultiDict((name, value) for name, value in headers if name.lower() not in dropped)
