"""A store that harm is done to: its server, the proxy before it, the objects in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from loadtests.faults.store_proxy import StoreProxy
from loadtests.seaweed import S3Server


class FaultyStore(NamedTuple):
    """A bucket behind a proxy."""

    proxy: StoreProxy
    server: S3Server
    bucket: str

    @property
    def url(self) -> str:
        """Return the store's URL."""
        return f"s3://{self.bucket}"

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables by which it is reached, through the proxy."""
        return self.server.environment | {"AWS_ENDPOINT_URL": self.proxy.endpoint}

    @contextmanager
    def lying(self, part: bytes) -> Iterator[None]:
        """Have other bytes than were stored in every object with a part, for a block."""
        client = self.server.client()
        keys = [each["Key"] for each in client.list_objects_v2(Bucket=self.bucket)["Contents"]]
        bodies = {key: client.get_object(Bucket=self.bucket, Key=key)["Body"].read() for key in keys}
        lies = {key: body for key, body in bodies.items() if part in body}
        if not lies:
            raise SystemExit("faults: wanted an object with these bytes in the store, found none")
        try:
            for key, body in lies.items():
                at = body.index(part)
                client.put_object(Bucket=self.bucket, Key=key, Body=body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :])
            yield
        finally:
            for key, body in lies.items():
                client.put_object(Bucket=self.bucket, Key=key, Body=body)
