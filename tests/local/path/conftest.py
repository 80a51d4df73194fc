import pytest

from tests.local.path.grounds import ground


@pytest.fixture
def open_ground():
    """Open a data path."""
    return ground
