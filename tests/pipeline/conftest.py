"""A store in a folder, and a pipeline of small steps."""

import pytest

from poorwill.pipeline.spec_file import Pipeline
from poorwill.store.folder import FolderStore
from tests.pipeline import works


@pytest.fixture
def store(tmp_path) -> FolderStore:
    """Open an empty store in a folder."""
    return FolderStore(tmp_path / "store", create=True)


@pytest.fixture
def pipeline(tmp_path) -> Pipeline:
    """Write the pipeline of sums."""
    return works.write_pipeline(tmp_path / "sums")
