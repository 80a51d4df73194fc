"""What only a service can do wrong: refuse, be away, or have no such bucket; and big files in parts."""

import os
import re

import pytest

from poorwill.errors import UnavailableError
from poorwill.store import cloud, s3
from poorwill.store.location import parse_location
from poorwill.store.opening import open_store
from poorwill.store.reader import open_reader
from poorwill.store.s3 import S3Store
from tests.conftest import free_ports

WRONG = "what-nobody-may-read"


@pytest.fixture
def environment(monkeypatch):
    """Set the variables of a server."""

    def apply(server, **changes):
        for name, value in (server.environment | changes).items():
            monkeypatch.setenv(name, value)

    return apply


def uses(url):
    """Return each way to ask: by obstore and by boto3, and as a predictor reads."""
    return [*_uses(open_store(url)), *_uses(S3Store(parse_location(url))), lambda: _predictor(url)]


def _predictor(url):
    return open_reader(url, timeout_seconds=0.5).get("a")


def _uses(store):
    return [
        lambda: store.get("a"),
        lambda: list(store.stream("a")),
        lambda: list(store.list("")),
        lambda: store.put("a", b""),
        lambda: store.put_if_absent("a", b""),
        lambda: store.put_if_match("a", b"", '{"e_tag":"tag"}'),
        lambda: store.delete("a"),
    ]


def faults(url):
    found = []
    for use in uses(url):
        with pytest.raises(UnavailableError) as caught:
            use()
        assert caught.value.retry_after_seconds > 0
        assert caught.value.__suppress_context__, "boto3's trace would follow"
        found.append(str(caught.value))
    return found


def test_a_service_that_is_away_is_told_as_such(environment, moto):
    endpoint = f"http://127.0.0.1:{free_ports(1)[0]}"
    environment(moto, AWS_ENDPOINT_URL=endpoint, AWS_SECRET_ACCESS_KEY=WRONG)

    for fault in faults("s3://bucket/prefix"):
        assert re.match(r"store: wanted an answer, found no (connection|usable answer)", fault)
        assert "AWS_ENDPOINT_URL" in fault
        assert endpoint not in fault
        assert WRONG not in fault


def test_a_bucket_that_is_not_there_is_told_as_such(environment, moto):
    environment(moto)

    for fault in faults("s3://no-such-bucket/prefix"):
        assert "found no bucket of that name; check --store" in fault


@pytest.mark.e2e
def test_a_wrong_secret_is_told_as_such(environment, seaweed):
    environment(seaweed, AWS_SECRET_ACCESS_KEY=WRONG)

    for fault in faults(f"s3://{seaweed.make_bucket()}"):
        assert "found access denied" in fault
        assert "AWS_SECRET_ACCESS_KEY" in fault
        assert WRONG not in fault


def test_no_credentials_are_told_as_such(environment, moto, monkeypatch):
    environment(moto)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    with pytest.raises(UnavailableError, match="no complete credentials"):
        open_store("s3://bucket").get("a")


@pytest.mark.parametrize("server", ["moto", pytest.param("seaweed", marks=pytest.mark.e2e)])
@pytest.mark.parametrize("way", [open_store, lambda url: S3Store(parse_location(url))], ids=["obstore", "boto3"])
def test_a_big_file_goes_up_in_parts(server, way, request, environment, monkeypatch, tmp_path):
    found = request.getfixturevalue(server)
    environment(found)
    for adapter in (cloud, s3):
        monkeypatch.setattr(adapter, "_PART_BYTES", 5 << 20)
    bucket = found.make_bucket()
    path = tmp_path / "big"
    path.write_bytes(os.urandom(11 << 20))

    way(f"s3://{bucket}").put("blobs/big", path)

    assert found.client().head_object(Bucket=bucket, Key="blobs/big")["ETag"].endswith('-3"')
    assert b"".join(open_store(f"s3://{bucket}").stream("blobs/big")) == path.read_bytes()
