"""Where things lie in a store; every key is made here."""


def record_key(model: str, version: int) -> str:
    """Return the key of a version record."""
    return f"models/{model}/versions/{version}.json"


def alias_key(model: str, alias: str) -> str:
    """Return the key of an alias."""
    return f"models/{model}/aliases/{alias}.json"


def index_key(model: str) -> str:
    """Return the key of a model's index."""
    return f"models/{model}/index.json"


def blob_key(digest: str) -> str:
    """Return the key of the bytes of a digest, sha256:<hex>."""
    return f"blobs/sha256/{digest.removeprefix('sha256:')}"
