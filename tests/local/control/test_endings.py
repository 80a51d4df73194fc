"""What goes with what: dependents with owners, all with a namespace, marks with Routes, the old with time."""

import asyncio
from datetime import timedelta

import pytest

from poorwill.kinds.kind import (
    CONFIG_MAP,
    CONFIGURATION,
    EVENT,
    INGRESS,
    NAMESPACE,
    PLACEHOLDER,
    POD,
    REVISION,
    ROUTE,
    SERVICE,
    SERVICE_ACCOUNT,
    Key,
)
from poorwill.local.control import bootstrap, events
from poorwill.local.control.plan import Note
from tests.local.control.ground import route, to_latest, to_revision


@pytest.mark.parametrize("finalizer", ["foregroundDeletion", "orphan"])
def test_a_deletion_takes_dependents_first_or_leaves_them_as_it_says(ground, finalizer):
    ground.deploy("iris")
    live = ground.get(SERVICE, "iris")
    ground.state.update({**live, "metadata": {**live["metadata"], "finalizers": [finalizer]}})
    ground.delete(SERVICE, "iris")
    ground.settle()

    assert ground.get(SERVICE, "iris") is None
    left = [kind.kind for kind in (CONFIGURATION, REVISION, ROUTE) if ground.list(kind)]
    assert left == ([] if finalizer == "foregroundDeletion" else ["Configuration", "Revision", "Route"])
    if left:
        assert ground.get(ROUTE, "iris")["metadata"]["ownerReferences"] == []


def test_pods_are_left_to_who_runs_them_when_their_revision_goes(ground):
    revision = ground.deploy("iris")
    reference = {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Revision",
        "name": revision,
        "uid": ground.get(REVISION, revision)["metadata"]["uid"],
    }
    metadata = {"name": "iris-pod", "namespace": ground.namespace, "ownerReferences": [reference]}
    ground.state.create({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {}})

    ground.delete(SERVICE, "iris")
    ground.settle()

    assert ground.list(REVISION) == []
    assert [each["metadata"]["name"] for each in ground.list(POD)] == ["iris-pod"]


@pytest.mark.parametrize("finalizers", [[], ["foregroundDeletion"], ["orphan"]])
def test_a_namespace_goes_with_all_that_is_in_it_however_its_deletion_was_asked_for(ground, finalizers):
    bootstrap.ensure(ground.state, "poorwill.localhost")
    metadata = {"name": ground.namespace, "finalizers": finalizers}
    ground.state.create(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata, "spec": {"finalizers": ["kubernetes"]}}
    )
    ground.deploy("iris")
    assert ground.get(SERVICE_ACCOUNT, "default")

    ground.state.delete(Key(NAMESPACE, "", ground.namespace))
    ground.settle()

    assert ground.state.get(Key(NAMESPACE, "", ground.namespace)) is None
    assert [kind.kind for kind in (SERVICE, ROUTE, REVISION, INGRESS, PLACEHOLDER, EVENT) if ground.list(kind)] == []
    assert ground.state.get(Key(NAMESPACE, "", "default"))


def test_the_cluster_begins_with_knatives_namespaces_and_the_twins_configuration(ground):
    for domain in ("a.localhost", "b.localhost"):
        bootstrap.ensure(ground.state, domain)

    namespaces = [each["metadata"]["name"] for each in ground.state.list(NAMESPACE)]
    assert namespaces == ["default", "knative-eventing", "knative-serving", "kube-system"]
    domains = ground.state.get(Key(CONFIG_MAP, "knative-serving", "config-domain"))["data"]
    assert list(domains) == ["b.localhost"]


def test_old_revisions_that_no_route_leads_to_go_after_two_days_but_twenty_stay(ground):
    for model in range(25):
        ground.deploy("iris", model=str(model))
    ground.apply(route("first", to_revision("iris-00001")))
    ground.settle()
    ground.time += timedelta(hours=49)
    ground.control.enqueue(Key(CONFIGURATION, ground.namespace, "iris"))
    ground.settle()

    left = [each["metadata"]["name"] for each in ground.list(REVISION)]
    assert left == ["iris-00001", *(f"iris-{number:05d}" for number in range(5, 26))]


def test_an_event_that_happens_again_is_counted_and_goes_after_an_hour(ground):
    ground.deploy("iris")
    live, note = ground.get(SERVICE, "iris"), Note("Warning", "Tired", "It yawns")
    for _ in range(3):
        events.record(ground.state, live, note, component="test", now=ground.time)
    [event] = [each for each in ground.list(EVENT) if each["reason"] == "Tired"]
    assert event["count"] == 3

    events.expire(ground.state, ground.time + timedelta(hours=2))

    assert ground.list(EVENT) == []


def test_what_is_old_goes_on_a_twin_that_always_has_something_to_do(ground):
    for model in range(25):
        ground.deploy("iris", model=str(model))
    key = Key(SERVICE, ground.namespace, "wine")

    async def busy(until):
        running = asyncio.ensure_future(ground.control.run())
        async with asyncio.timeout(60):
            while not until():
                ground.control.enqueue(key)
                await asyncio.sleep(0)
        running.cancel()

    async def run():
        turns = iter([False] * 9 + [True])
        await busy(lambda: next(turns))
        ground.time += timedelta(hours=49)
        await busy(lambda: not ground.list(EVENT) and len(ground.list(REVISION)) == 21)

    asyncio.run(run())


def test_a_pod_that_crashes_again_and_again_has_events_that_count_it(ground):
    metadata = {"name": "iris-pod", "namespace": ground.namespace}
    status = {"name": "user-container", "restartCount": 2, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {},
        "status": {"containerStatuses": [status]},
    }
    ground.state.create(pod)
    ground.settle()
    ground.control.enqueue(Key(POD, ground.namespace, "iris-pod"))
    ground.settle()

    [event] = ground.list(EVENT)
    assert (event["reason"], event["count"], event["source"]["component"]) == ("BackOff", 2, "kubelet")


def test_a_route_marks_what_it_leads_to_and_takes_the_marks_along_when_it_goes(ground):
    revision = ground.deploy("iris-v1")
    ground.apply(route("iris", to_latest("iris-v1")))
    ground.settle()
    assert marks(ground, revision, "iris-v1") == ["iris,iris-v1"] * 2

    ground.delete(ROUTE, "iris")
    ground.settle()

    assert marks(ground, revision, "iris-v1") == ["iris-v1"] * 2


def marks(ground, revision, configuration):
    objects = (ground.get(REVISION, revision), ground.get(CONFIGURATION, configuration))
    return [each["metadata"]["annotations"]["serving.knative.dev/routes"] for each in objects]
