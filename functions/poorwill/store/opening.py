"""A store by its URL."""

import os
from pathlib import Path

from poorwill.store.faults import away
from poorwill.store.folder import FolderStore
from poorwill.store.location import parse_location
from poorwill.store.port import ObjectStore

_WANTED = frozenset({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"})
_REGIONS = frozenset({"AWS_REGION", "AWS_DEFAULT_REGION"})
_BOTO3_ALONE = frozenset({"AWS_PROFILE", "AWS_CA_BUNDLE", "AWS_ENDPOINT_URL_S3"})
"""What obstore does not go by."""
_AUTHORITY = frozenset({"AWS_CA_BUNDLE"})  # nobody's, where there is no TLS


def open_store(url: str, *, create: bool = False) -> ObjectStore:
    """Return the store.

    Args:
        url: a folder, s3://bucket/prefix (credentials, region and endpoint are what boto3 finds: AWS_* variables),
            gs://bucket/prefix or az://account/container/prefix (what obstore finds: GOOGLE_*, AZURE_*, or the pod's).
        create: make a folder that is not there; a bucket is never made.

    Raises:
        UsageError: none of these.
        UnavailableError: the folder is not there, or can't be made.
    """
    location = parse_location(url)
    if isinstance(location, str):
        folder = Path(location)
        if not create and not folder.is_dir():
            raise away("no folder there", "check --store (POORWILL_STORE); `poorwill push` makes the folder")
        return FolderStore(folder, create=create)
    from poorwill.store.cloud import CloudStore

    if location.scheme != "s3" or _is_told_by_variables():
        return CloudStore(location)
    # boto3 knows AWS's profiles and roles, and takes 300 ms to get ready
    from poorwill.store.s3 import S3Store

    return S3Store(location)


def _is_told_by_variables() -> bool:
    """Return whether AWS's own variables, which obstore reads, name all that boto3 would look for in profiles."""
    named = {name for name in (*_WANTED, *_REGIONS, *_BOTO3_ALONE) if os.environ.get(name)}
    if os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://"):
        named -= _AUTHORITY
    return named >= _WANTED and bool(named & _REGIONS) and not named & _BOTO3_ALONE
