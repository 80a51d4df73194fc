"""A registry in a folder, and model files to push."""

from pathlib import Path

import pytest

from poorwill.registry.push import Pushed
from poorwill.registry.registry import Registry
from poorwill.store.folder import FolderStore
from tests import models
from tests.registry.packed import push_packed


@pytest.fixture
def store(tmp_path) -> FolderStore:
    """Open an empty store in a folder."""
    folder = tmp_path / "store"
    folder.mkdir()
    return FolderStore(folder)


@pytest.fixture
def registry(store) -> Registry:
    """Open the registry of that store."""
    return Registry(store)


@pytest.fixture
def sum_file(tmp_path) -> Path:
    """Write the sum model."""
    return models.write("sum", tmp_path)


@pytest.fixture
def pushed(store, tmp_path, monkeypatch) -> Pushed:
    """Push a version of the model `wide` with a start pack."""
    return push_packed(store, tmp_path, monkeypatch)
