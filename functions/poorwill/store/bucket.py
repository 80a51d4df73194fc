"""A bucket of any cloud by obstore, which is imported here and nowhere else; light, because a predictor reads by it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, S3Store

from poorwill.errors import PoorwillError
from poorwill.store.faults import away, changed, missing
from poorwill.store.location import Bucket

FAILURES = (BaseError, OSError)  # obstore raises the built-in FileNotFoundError
CHUNK_BYTES = 4 << 20

_KEYS = {
    "s3": "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY (or the pod's role) and what they may read",
    "gs": "check GOOGLE_APPLICATION_CREDENTIALS (or the pod's identity) and what it may read",
    "az": "check AZURE_STORAGE_ACCOUNT_KEY or AZURE_CLIENT_ID (or the pod's identity) and what it may read",
}
_PLACES = {"s3": "AWS_REGION and AWS_ENDPOINT_URL", "gs": "the bucket's name", "az": "the account's name"}
_DENIED = ("status code: 401 ", "status code: 403 ")  # of a list, which obstore has no word for
_ABSENT_BUCKETS = ("NoSuchBucket", "The specified bucket does not exist", "ContainerNotFound")


MANY = 10_000
"""Repeats of a request that only its time ends."""


def open_bucket(bucket: Bucket, timeout_seconds: float, *, repeats: int = MANY) -> Any:
    """Return obstore's store of a bucket.

    Args:
        bucket: which; credentials come from the cloud's own variables, or from the pod.
        timeout_seconds: for an answer to begin, repeats included.
        repeats: how often a request whose answer was lost is sent again, within that time.
    """
    options: Any = {
        # used only where a variable says http://, as AWS_ENDPOINT_URL may; without it all is https
        "allow_http": True,
        "connect_timeout": f"{min(5.0, timeout_seconds)}s",
        "read_timeout": f"{timeout_seconds}s",
        "timeout": "1h",  # of a whole object; a stalled one is caught by the line above
    }
    retry: Any = {
        "max_retries": repeats,
        "retry_timeout": timedelta(seconds=timeout_seconds),
        "backoff": {
            "init_backoff": timedelta(milliseconds=100),
            "max_backoff": timedelta(seconds=1),
            "base": 2,
        },
    }
    try:
        if bucket.scheme == "az":
            return AzureStore(bucket.name, account_name=bucket.account, client_options=options, retry_config=retry)
        made: Any = {"s3": S3Store, "gs": GCSStore}[bucket.scheme]
        return made(bucket.name, client_options=options, retry_config=retry)
    except BaseError as error:
        raise told(error, bucket) from None


def stream(store: Any, bucket: Bucket, key: str) -> Iterator[bytes]:
    """Yield an object's bytes in pieces."""
    try:
        for chunk in store.get(bucket.prefix + key).stream(CHUNK_BYTES):
            yield bytes(chunk)
    except FAILURES as error:
        raise told(error, bucket) from None


def told(error: Exception, bucket: Bucket) -> PoorwillError:
    """Return the house's error; obstore's text, which holds the URL, goes no further."""
    kind = type(error).__name__
    if any(words in str(error) for words in _ABSENT_BUCKETS):
        return away("no bucket of that name", f"check --store (POORWILL_STORE) and {_PLACES[bucket.scheme]}")
    if kind in {"FileNotFoundError", "NotFoundError"}:
        return missing()
    if kind in {"PermissionDeniedError", "UnauthenticatedError"} or any(words in str(error) for words in _DENIED):
        return away("access denied", _KEYS[bucket.scheme])
    if kind in {"AlreadyExistsError", "PreconditionError"}:
        return changed()
    return away("no usable answer", f"check the network and {_PLACES[bucket.scheme]}, then repeat")
