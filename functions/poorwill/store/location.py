"""Where a store is, and what a key may be; light, because a predictor imports it before its first GET."""

from typing import NamedTuple

from poorwill.errors import Fault, UsageError

_LONGEST_KEY = 512


class Bucket(NamedTuple):
    """A bucket and the prefix of all keys in it ("" or ending in "/")."""

    name: str
    prefix: str
    scheme: str = "s3"  # s3, gs or az
    account: str = ""  # of Azure's container


def parse_location(url: str) -> Bucket | str:
    """Return the bucket of a URL such as `s3://bucket/prefix`, or the path of a folder."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return url
    if scheme not in {"s3", "gs", "az"}:
        raise _refused("another scheme")
    account, _, rest = rest.partition("/") if scheme == "az" else ("", "", rest)
    name, _, prefix = rest.partition("/")
    prefix = prefix.strip("/")
    if not name or (scheme == "az" and not account):
        raise _refused("one without a name")
    return Bucket(name, f"{prefix}/" if prefix else "", scheme, account)


def _refused(found: str) -> UsageError:
    wanted = "a folder, s3://bucket/prefix, gs://bucket/prefix or az://account/container/prefix"
    return UsageError(Fault("--store (POORWILL_STORE)", wanted, found, "give one of these"))


def check_key(key: str) -> str:
    """Return the key; raise UsageError where it isn't made of plain segments, or could lead out of the store."""
    plain = len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable() and "\\" not in key
    if not plain or any(not segment or segment[0] == "." for segment in key.split("/")):
        fault = Fault("store key", "plain names joined by '/'", "something else", "check the names and the digest")
        raise UsageError(fault)
    return key
