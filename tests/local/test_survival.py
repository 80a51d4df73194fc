"""Whatever admission lets through, the twin goes on with it, and starts again with it."""

import asyncio
import logging
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from poorwill.errors import RefusedError
from poorwill.kinds import admission
from poorwill.kinds.kind import JOB, REVISION, key_of, kind_of
from poorwill.local.folder import TwinFolder
from poorwill.local.pods.images import OWN, Program
from poorwill.local.pods.plan import key_of_revision
from poorwill.local.twin import Options, Twin
from tests.kinds.mutant import GOOD, changed, good

TEMPLATE = ("spec", "template")
CONTAINER = (*TEMPLATE, "spec", "containers", 0)
NAME, VALUE = (*CONTAINER, "env", 0, "name"), (*CONTAINER, "env", 0, "value")
CPU = (*CONTAINER, "resources", "limits", "cpu")
# a number of pods is no part of it: a machine has room for as many as it has
ANNOTATIONS = (
    "target",
    "target-burst-capacity",
    "target-utilization-percentage",
    "metric",
    "window",
    "class",
    "panic-window-percentage",
    "panic-threshold-percentage",
    "scale-down-delay",
    "scale-to-zero-pod-retention-period",
    "never-heard-of",
)
PLACES = (
    *((*TEMPLATE, "metadata", "annotations", f"autoscaling.knative.dev/{name}") for name in ANNOTATIONS),
    (*TEMPLATE, "metadata", "annotations", "serving.knative.dev/progress-deadline"),
    (*TEMPLATE, "metadata", "annotations", "serving.knative.dev/routingStateModified"),
    *((*CONTAINER, name) for name in ("image", "command", "args", "env", "envFrom", "ports", "name", "workingDir")),
    *((*CONTAINER, name) for name in ("readinessProbe", "livenessProbe", "startupProbe", "volumeMounts", "resources")),
    *((*CONTAINER, "env", 0, name) for name in ("name", "value", "valueFrom")),
    *((*CONTAINER, "args", 0), (*CONTAINER, "resources", "limits")),
    *((*CONTAINER, "resources", "limits", name) for name in ("cpu", "memory")),
    *((*CONTAINER, "readinessProbe", "httpGet", name) for name in ("path", "port", "httpHeaders", "scheme")),
    *((*CONTAINER, "readinessProbe", name) for name in ("periodSeconds", "timeoutSeconds", "failureThreshold")),
    *(
        (*TEMPLATE, "spec", name)
        for name in ("timeoutSeconds", "containerConcurrency", "volumes", "idleTimeoutSeconds")
    ),
    ("spec", "traffic"),
    ("spec", "traffic", 0, "tag"),
    ("metadata", "finalizers"),
    ("metadata", "ownerReferences"),
)
VALUES = (None, "", "x", "\0", "A=B", "$(A)", "--host", "é", "x" * 300, "inf", "+Inf", "nan", "1e308", "1e9999", "-1")
NUMBERS = (0, 1, -1, 0.5, 2**31 - 1, 2**63 - 1, 1e308, True)
OTHERS = ([], {}, [{}], ["\0"], ["$(A)"], {"cpu": "1e9999"}, [{"name": "A", "value": "\0"}], "0.01", "6s", "1h", "100")
mutations = st.tuples(st.sampled_from(PLACES), st.sampled_from(VALUES + NUMBERS + OTHERS))

EVENTS = [path.stem for path in GOOD if path.stem.startswith(("broker", "trigger", "sequence", "job", "ping"))]


def places(value, at=()):
    """Yield the path of everything in an object's spec."""
    for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*at, step)
        if isinstance(inner, dict | list):
            yield from places(inner, (*at, step))


@st.composite
def of_eventing(draw):
    """Return an object of eventing, or a Job, with one thing changed where admission lets that through."""
    obj = good(draw(st.sampled_from(EVENTS)))
    obj["metadata"] |= {"namespace": "default", "name": f"e{draw(st.integers(0, 10**9))}"}
    found = admission.admit(obj, user="somebody")
    at = ("spec", *draw(st.sampled_from(list(places(found["spec"])))))
    try:
        wanted = changed(found, [{"at": list(at), "to": draw(st.sampled_from(VALUES + NUMBERS + OTHERS))}])
        return admission.admit(wanted, user="somebody")
    except (RefusedError, LookupError, TypeError, AttributeError):
        return found


def admitted(number, changes):
    """Return a Service with those of the changes that admission lets through."""
    obj = changed(
        good("service"), [{"at": [*TEMPLATE, "metadata", "name"]}, {"at": ["metadata", "name"], "to": f"s{number}"}]
    )
    obj["metadata"]["namespace"] = "default"
    obj["spec"]["template"]["metadata"]["annotations"] |= {"autoscaling.knative.dev/min-scale": "0"}
    container = obj["spec"]["template"]["spec"]["containers"][0]
    container |= {"image": "fake/true", "args": ["serve"], "env": [{"name": "A", "value": "1"}], "envFrom": []}
    found = admission.admit(obj, user="somebody")
    for at, value in changes:
        try:
            obj, found = (wanted := changed(obj, [{"at": at, "to": value}])), admission.admit(wanted, user="somebody")
        except (RefusedError, LookupError, TypeError, AttributeError):
            continue
    return found


async def lived(folder, *objects):
    """Start a twin with these objects, let each of its parts have its turn, and end it."""
    twin_folder = TwinFolder(folder)
    twin_folder.make()
    twin = Twin(twin_folder)
    try:
        for obj in objects:
            twin._state.create(obj)
        await twin.start(Options(port=0, data_path="activator"))
        twin._autoscaler._decide()
        for key in map(key_of_revision, twin._state.list(REVISION)):
            twin._demanded(key)
        await asyncio.sleep(0)
        assert not [task for task in twin._tasks if task.done()]
        assert all(twin._state.get(key_of(obj)) for obj in objects if kind_of(obj) is not JOB)  # those may be done
    finally:
        await twin.stop()


@pytest.fixture(autouse=True)
def program(monkeypatch):
    monkeypatch.setitem(OWN, "fake/true", Program(("/bin/true",)))


@settings(
    max_examples=8,
    phases=[Phase.explicit, Phase.generate],  # a smaller example would take a minute to find
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example([[(PLACES[0], "inf")], [(PLACES[1], "inf")], [(NAME, "A=B")], [(VALUE, "\0")], [(CPU, "1e9999")]])
@given(st.lists(st.lists(mutations, min_size=1, max_size=3), min_size=12, max_size=12))
def test_a_twin_goes_on_and_starts_again_with_whatever_was_admitted(caplog, changes):
    caplog.clear()
    with tempfile.TemporaryDirectory() as folder:
        objects = [admitted(number, each) for number, each in enumerate(changes)]
        asyncio.run(lived(Path(folder) / "twin", *objects))
        asyncio.run(lived(Path(folder) / "twin"))
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


@settings(
    max_examples=8,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(of_eventing(), min_size=12, max_size=12, unique_by=lambda obj: obj["metadata"]["name"]))
def test_a_twin_goes_on_and_starts_again_with_whatever_of_eventing_was_admitted(caplog, objects):
    caplog.clear()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(lived(Path(folder) / "twin", *objects))
        asyncio.run(lived(Path(folder) / "twin"))
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
