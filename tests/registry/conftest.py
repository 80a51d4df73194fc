"""A registry in a folder, and model files to push."""

from pathlib import Path

import pytest

from poorwill.registry.registry import Registry
from poorwill.store.folder import FolderStore
from tests import models


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
