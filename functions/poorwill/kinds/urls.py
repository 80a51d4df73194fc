"""URLs as Go's net/url takes them: which texts are one, and what of them Knative asks."""

import re
from typing import NamedTuple

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):", re.ASCII)
_ESCAPES = re.compile(r"(?:[^%]|%[0-9A-Fa-f]{2})*", re.DOTALL)
_PORT = re.compile(r"(:[0-9]*)?", re.ASCII)
_HOST = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:<>\]\"\x80-\U0010ffff]|%25|%[89A-Fa-f][0-9A-Fa-f])*")
_BRACKETED = re.compile(r"\[[0-9A-Fa-f:.]+(?:%25[^\]]+)?\]", re.ASCII)
_USER = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Url(NamedTuple):
    """What of a URL matters here."""

    scheme: str  # "" where it is relative
    host: str


def parse(text: str) -> Url:
    """Return a URL's parts; ValueError for what Go refuses."""
    rest, _, fragment = text.partition("#")
    if _CONTROL.search(rest) or rest.startswith(":") or _ESCAPES.fullmatch(fragment) is None:
        raise ValueError("not a URL")
    found = _SCHEME.match(rest)
    scheme = found[1].lower() if found else ""
    rest = rest[len(found[0]) :] if found else rest
    rest = rest.partition("?")[0]
    if scheme and not rest.startswith("/"):
        return Url(scheme, "")  # such as mailto:
    if not scheme and ":" in rest.partition("/")[0]:
        raise ValueError("a colon in a relative URL's first segment")
    authority, path = "", rest
    if rest.startswith("//") and (scheme or not rest.startswith("///")):
        authority, slash, path = rest[2:].partition("/")
        path = slash + path
    if _ESCAPES.fullmatch(path) is None:
        raise ValueError("a broken escape")
    return Url(scheme, _host(authority))


def _host(authority: str) -> str:
    user, _, host = authority.rpartition("@")
    if _USER.fullmatch(user) is None or _ESCAPES.fullmatch(user) is None:
        raise ValueError("not a user")
    name, colon, port = host.rpartition(":") if ":" in host and not _BRACKETED.fullmatch(host) else (host, "", "")
    valid = _BRACKETED if name.startswith("[") else _HOST
    if valid.fullmatch(name) is None or _PORT.fullmatch(colon + port) is None:
        raise ValueError("not a host")
    return host
