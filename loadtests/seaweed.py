"""A real S3 server for a run: SeaweedFS from its wheel, in a process of its own on free ports of the loopback."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

READY_SECONDS = 60
_PORTS = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port",
    "s3.port.grpc",
)


class S3Server(NamedTuple):
    """A running S3 server and the one key pair that it takes."""

    endpoint: str
    access_key: str
    secret_key: str

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables that boto3 and obstore read."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def client(self) -> "S3Client":
        """Return a boto3 client, for what is done behind the store's back."""
        import boto3
        from botocore.config import Config

        return boto3.session.Session().client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name="us-east-1",
            config=Config(s3={"addressing_style": "path"}, read_timeout=20, retries={"total_max_attempts": 1}),
        )

    def make_bucket(self) -> str:
        """Make a fresh bucket and return its name."""
        name = f"bucket-{uuid4().hex[:12]}"
        self.client().create_bucket(Bucket=name)
        return name


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback that nobody listens on, all different."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [server.getsockname()[1] for server in held]
    for server in held:
        server.close()
    return ports


@contextmanager
def seaweed_server(folder: Path) -> Iterator[S3Server]:
    """Run SeaweedFS, which checks signatures and conditions, with its data in a folder that is there.

    Raises:
        RuntimeError: it did not start, with what it said.
    """
    ports = dict(zip(_PORTS, free_ports(len(_PORTS)), strict=True))
    server = S3Server(f"http://127.0.0.1:{ports['s3.port']}", "poorwill-test", uuid4().hex)
    process = _start(folder, ports, server)
    try:
        _await_bucket(server, process, folder / "log")
        yield server
    finally:
        process.kill()  # on SIGTERM it drains for 20 s, for data that nobody wants
        process.wait()


def _start(folder: Path, ports: dict[str, int], server: S3Server) -> subprocess.Popen[bytes]:
    credentials = [{"accessKey": server.access_key, "secretKey": server.secret_key}]
    identity = {"name": "tests", "credentials": credentials, "actions": ["Admin", "Read", "Write", "List", "Tagging"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    (folder / "data").mkdir()
    weed = str(Path(sys.executable).with_name("weed"))
    command = [weed, "server", "-s3", f"-dir={folder}/data", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
    command += [f"-{name}={port}" for name, port in ports.items()]
    command += ["-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.config={folder}/s3.json"]
    command += ["-volume.max=0", "-master.volumeSizeLimitMB=64", "-volume.index=memory"]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)


def _await_bucket(server: S3Server, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when an object was written: the port answers seconds before the first volume does."""
    from botocore.exceptions import BotoCoreError, ClientError

    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            bucket = server.make_bucket()
            server.client().put_object(Bucket=bucket, Key="ready", Body=b"yes")
        except (BotoCoreError, ClientError):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"SeaweedFS did not start:\n{log.read_text()[-4000:]}") from None
            time.sleep(0.1)  # nothing to wait on: the server tells nobody that it is ready
        else:
            return
