"""A bucket as store, by boto3, which is imported here and nowhere else; a predictor reads with store.reader instead."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, NoCredentialsError, PartialCredentialsError

from poorwill.errors import NotFoundError, PoorwillError
from poorwill.store.faults import away, changed, missing
from poorwill.store.location import Bucket, check_key
from poorwill.store.port import Entry, Stored

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CHUNK_BYTES = 1 << 20
_PART_BYTES = 64 << 20  # files above it go up in parts of this size, from the disk
_CREDENTIALS = "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY (or the pod's role) and what they may do in the bucket"
_ENDPOINT = "check the network and AWS_ENDPOINT_URL, then repeat"
_BUCKET = "check --store (POORWILL_STORE) and AWS_REGION; buckets are never made by Poorwill"
_ABSENT = frozenset({"NoSuchKey", "404", "NotFound"})
_DENIED = frozenset({401, 403})
# 409 is a conditional write that met another one under way
_CONFLICT = frozenset({409, 412})


class S3Store:
    """Keeps each object under its key in a bucket of any S3-compatible service with conditional writes."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket.name
        self._prefix = bucket.prefix
        self._lock = Lock()
        self._clients: dict[int, S3Client] = {}
        self._session = boto3.session.Session()

    def get(self, key: str) -> Stored:
        """Return an object."""
        with _told():
            answer = self._client().get_object(Bucket=self._bucket, Key=self._key(key))
            return Stored(answer["Body"].read(), answer["ETag"])

    def stream(self, key: str) -> Iterator[bytes]:
        """Yield an object's bytes."""
        with _told():
            answer = self._client().get_object(Bucket=self._bucket, Key=self._key(key))
            yield from answer["Body"].iter_chunks(_CHUNK_BYTES)

    def list(self, prefix: str) -> Iterator[Entry]:
        """Yield the objects whose keys begin so."""
        with _told():
            pages = self._client().get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix + prefix):
                for found in page.get("Contents", ()):
                    key = found["Key"].removeprefix(self._prefix)
                    yield Entry(key, found["Size"], found["LastModified"].timestamp())

    def put(self, key: str, source: bytes | Path) -> None:
        """Write an object, over one that is there; a big file goes up in parts that only become one when all are up."""
        path = self._key(key)
        with _told():
            if isinstance(source, bytes):
                self._client().put_object(Bucket=self._bucket, Key=path, Body=source)
            else:
                parts = TransferConfig(multipart_threshold=_PART_BYTES, multipart_chunksize=_PART_BYTES)
                self._client().upload_file(str(source), self._bucket, path, Config=parts)

    def put_if_absent(self, key: str, data: bytes) -> str:
        """Write an object where there is none."""
        return self._put_on_condition(key, data, {"IfNoneMatch": "*"})

    def put_if_match(self, key: str, data: bytes, etag: str) -> str:
        """Write over the object of that tag."""
        try:
            return self._put_on_condition(key, data, {"IfMatch": etag})
        except NotFoundError:  # AWS's word for a condition on what is not there
            raise changed() from None

    def delete(self, key: str) -> None:
        """Delete an object."""
        with _told():
            self._client().delete_object(Bucket=self._bucket, Key=self._key(key))

    def _put_on_condition(self, key: str, data: bytes, condition: dict[str, Any]) -> str:
        # never repeated by boto3: a write that arrived, but whose answer was lost, would then meet itself
        client = self._client(attempts=1)
        with _told():
            return client.put_object(Bucket=self._bucket, Key=self._key(key), Body=data, **condition)["ETag"]

    def _key(self, key: str) -> str:
        return self._prefix + check_key(key)

    def _client(self, attempts: int = 3) -> "S3Client":
        with self._lock:  # making a client is not safe for threads, using one is
            if attempts not in self._clients:
                self._clients[attempts] = self._made_client(attempts)
            return self._clients[attempts]

    def _made_client(self, attempts: int) -> "S3Client":
        config = Config(
            retries={"mode": "standard", "total_max_attempts": attempts},
            connect_timeout=5,
            read_timeout=30,
            # other services than AWS do not know the checksums that boto3 adds by itself since 1.36
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            # the bucket in the path is what AWS and all other services understand, and what store.reader does
            s3={"addressing_style": "path"},
        )
        with _told():
            return self._session.client("s3", region_name=self._session.region_name or "us-east-1", config=config)


@contextmanager
def _told() -> Iterator[None]:
    """Turn boto3's errors into the house's; none of its text, which may hold names and keys, goes further."""
    try:
        yield
    except ClientError as error:
        raise _answered(error) from None
    except (NoCredentialsError, PartialCredentialsError):
        raise away("no complete credentials to ask with", _CREDENTIALS) from None
    except HTTPClientError as error:
        raise away(f"no connection ({type(error).__name__})", _ENDPOINT) from None
    except (BotoCoreError, Boto3Error) as error:
        raise away(f"no usable answer ({type(error).__name__})", _ENDPOINT) from None


def _answered(error: ClientError) -> PoorwillError:
    """Return the house's error for a service that answered with one."""
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code == "NoSuchBucket":
        return away("no bucket of that name", _BUCKET)
    if code in _ABSENT:
        return missing()
    if status in _CONFLICT:
        return changed()
    if status in _DENIED:
        return away(f"access denied ({status})", _CREDENTIALS)
    return away(f"an error of the service ({status})", _ENDPOINT)
