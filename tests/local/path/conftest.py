import functools
import importlib.util

import pytest

from poorwill.local.path.activator_path import ActivatorPath
from tests.local.path.grounds import ground

HAS_ENVOY = importlib.util.find_spec("envoy") is not None


@pytest.fixture(
    params=[
        "activator",
        pytest.param("envoy", marks=pytest.mark.skipif(not HAS_ENVOY, reason="no wheel of Envoy here")),
    ]
)
def open_ground(request):
    """Open a data path, on both grounds."""
    if request.param == "activator":
        return functools.partial(ground, ActivatorPath)
    from poorwill.local.path.envoy import EnvoyPath

    return functools.partial(ground, EnvoyPath)
