"""A Route that kubectl made is kubectl's: its traffic is taken over by who says so, and kubectl is told of it."""

import pytest

from tests.e2e.behaviour.ground import ROOT

CONFLICT, KUBECTL_CONFLICT = 73, 1
ROUTE = ROOT / "knative" / "base" / "model-route.yaml"


@pytest.fixture
def applied(ground):
    """Return the ground with both versions, and a Route that kubectl made."""
    ground.deploy("digits@1")
    ground.deploy("digits@2")
    ground.kubectl("delete", "rt", "digits", "--wait")
    ground.kubectl("apply", "--server-side", "-f", ROUTE)
    ground.kubectl("wait", "--for=condition=Ready", "--timeout=60s", "rt/digits")
    return ground


def traffic(ground):
    return {target["tag"]: target["percent"] for target in ground.show("rt", "digits")["spec"]["traffic"]}


def test_traffic_that_kubectl_has_is_shown_taken_over_when_asked_and_then_shown_to_kubectl(applied):
    applied.kubectl("label", "rt", "digits", "team=vision")

    refused = applied.poorwill("split", "digits", "v1=40", "v2=60", code=CONFLICT)
    assert "kubectl" in refused.stderr
    assert "--force-conflicts" in refused.stderr
    assert traffic(applied) == {"v1": 100}

    applied.poorwill("split", "digits", "v1=40", "v2=60", "--force-conflicts")
    assert traffic(applied) == {"v1": 40, "v2": 60}

    told = applied.kubectl("apply", "--server-side", "-f", ROUTE, code=KUBECTL_CONFLICT)
    assert 'conflict with "poorwill"' in told.stderr
    assert "spec.traffic" in told.stderr
    assert traffic(applied) == {"v1": 40, "v2": 60}

    applied.poorwill("split", "digits", "v1=100")
    assert traffic(applied) == {"v1": 100, "v2": 0}
    assert applied.show("rt", "digits")["metadata"]["labels"]["team"] == "vision"
