import pytest

from tests.local.control.ground import Ground


@pytest.fixture
def ground(tmp_path):
    ground = Ground(tmp_path)
    yield ground
    ground.state.close()
