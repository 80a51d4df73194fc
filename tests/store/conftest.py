"""The three stores that one contract holds for."""

import pytest

from poorwill.store.opening import open_store

KINDS = ["folder", "moto", pytest.param("seaweed", marks=pytest.mark.e2e)]


@pytest.fixture(params=KINDS)
def store_url(request, tmp_path, monkeypatch):
    """URL of an empty store, with the environment that opens it."""
    if request.param == "folder":
        return str(tmp_path / "store")
    server = request.getfixturevalue(request.param)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return f"s3://{server.make_bucket()}/some/prefix"


@pytest.fixture
def store(store_url):
    """Open that store."""
    return open_store(store_url, create=True)
