"""Where a store is, and what a key may be; light, because a predictor imports it before its first GET."""

from typing import NamedTuple

from poorwill.errors import Fault, UsageError

_LONGEST_KEY = 512


class Bucket(NamedTuple):
    """A bucket and the prefix of all keys in it ("" or ending in "/")."""

    name: str
    prefix: str


def parse_location(url: str) -> Bucket | str:
    """Return the bucket of `s3://bucket/prefix`, or the path of a folder."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return url
    name, _, prefix = rest.partition("/")
    prefix = prefix.strip("/")
    if scheme != "s3" or not name:
        found = "a bucket without a name" if scheme == "s3" else "another scheme"
        fault = Fault("--store (POORWILL_STORE)", "a folder or s3://bucket/prefix", found, "give one of these two")
        raise UsageError(fault)
    return Bucket(name, f"{prefix}/" if prefix else "")


def check_key(key: str) -> str:
    """Return the key; raise UsageError where it isn't made of plain segments, or could lead out of the store."""
    plain = len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable() and "\\" not in key
    if not plain or any(not segment or segment[0] == "." for segment in key.split("/")):
        fault = Fault("store key", "plain names joined by '/'", "something else", "check the names and the digest")
        raise UsageError(fault)
    return key
