"""The stores that one contract holds for."""

import pytest

from poorwill.store.location import parse_location
from poorwill.store.opening import open_store
from poorwill.store.s3 import S3Store

# Google's and Azure's adapter passes by way of S3: obstore speaks to all three by the same calls
KINDS = ["folder", "moto", pytest.param("seaweed", marks=pytest.mark.e2e), "boto3 on moto"]


@pytest.fixture(params=KINDS)
def store_url(request, tmp_path, monkeypatch):
    """URL of an empty store, with the environment that opens it."""
    if request.param == "folder":
        return str(tmp_path / "store")
    server = request.getfixturevalue(request.param.rpartition(" ")[2])
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return f"s3://{server.make_bucket()}/some/prefix"


@pytest.fixture
def store(request, store_url):
    """Open that store."""
    if "boto3 on moto" in request.node.callspec.params.values():
        return S3Store(parse_location(store_url))
    return open_store(store_url, create=True)
