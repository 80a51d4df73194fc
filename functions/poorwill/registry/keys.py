"""Where things lie in a store: the keys of records, aliases, indexes and blobs."""

import re
from typing import NamedTuple

from poorwill.errors import Fault, UsageError

MODELS = "models/"
BLOBS = "blobs/sha256/"
TEMPORARY = "tmp/"
CLAIMS = "claims/"
PACKS = "packs/"

_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_VERSION = re.compile(r"models/([^/]+)/versions/([1-9][0-9]*)\.json")
_ALIAS = re.compile(r"models/([^/]+)/aliases/([^/]+)\.json")
_PACK = re.compile(r"packs/([0-9a-f]{64})/[0-9a-f]{64}\.json")


class ModelKey(NamedTuple):
    """What a key below `models/` is of: a version's record, an alias, or, where neither is said, the index."""

    model: str
    version: int = 0
    alias: str = ""


def parse_model_key(key: str) -> ModelKey | None:
    """Return what a key is of; None for another key."""
    if (version := parse_version_key(key)) is not None:
        return ModelKey(*version)
    if match := _ALIAS.fullmatch(key):
        return ModelKey(match[1], alias=match[2])
    model = parse_index_key(key)
    return ModelKey(model) if model else None


def blob_key(digest: str) -> str:
    """Return the key of the bytes of a digest, sha256:<hex>; raise UsageError for what is none."""
    match = _DIGEST.fullmatch(digest)
    if not match:
        fault = Fault("digest", "sha256: and 64 hexadecimal digits", "something else", "copy it from `poorwill show`")
        raise UsageError(fault)
    return BLOBS + match[1]


def version_key(model: str, version: int) -> str:
    """Return the key of a version's record."""
    return f"{MODELS}{model}/versions/{version}.json"


def claim_key(key: str) -> str:
    """Return where it stands after which number a claim's version is to be looked for."""
    return f"{CLAIMS}{key.removeprefix('sha256:')}.json"


def pack_key(source: str, machine: str) -> str:
    """Return the key of a start pack's record: both are digests, in hex, of what it was made from and for."""
    return f"{packs_prefix(source)}{machine}.json"


def packs_prefix(source: str) -> str:
    """Return what the keys of all start packs of the same bytes begin with."""
    return f"{PACKS}{source}/"


def parse_pack_key(key: str) -> str | None:
    """Return the digest, in hex, of what a pack was made from; None for another key."""
    match = _PACK.fullmatch(key)
    return match[1] if match else None


def versions_prefix(model: str) -> str:
    """Return what the keys of all records of a model begin with."""
    return f"{MODELS}{model}/versions/"


def parse_version_key(key: str) -> tuple[str, int] | None:
    """Return model and number of a record's key, None for another key."""
    match = _VERSION.fullmatch(key)
    return (match[1], int(match[2])) if match else None


def alias_key(model: str, alias: str) -> str:
    """Return the key of an alias."""
    return f"{MODELS}{model}/aliases/{alias}.json"


def aliases_prefix(model: str) -> str:
    """Return what the keys of all aliases of a model begin with."""
    return f"{MODELS}{model}/aliases/"


def parse_alias_key(key: str) -> str | None:
    """Return the alias of an alias's key, None for another key."""
    match = _ALIAS.fullmatch(key)
    return match[2] if match else None


def index_key(model: str) -> str:
    """Return the key of a model's index."""
    return f"{MODELS}{model}/index.json"


def parse_index_key(key: str) -> str | None:
    """Return the model of an index's key, None for another key."""
    name = key.removeprefix(MODELS).removesuffix("/index.json")
    return name if key == index_key(name) and "/" not in name else None
