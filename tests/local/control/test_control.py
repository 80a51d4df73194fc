"""What is left beside the observed objects: the loop itself, deletion, names, time, and what the twin says in URLs."""

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
from poorwill.local.control.labels import child_name
from poorwill.local.control.plan import Note
from poorwill.local.revision import Failure
from tests.local.control.ground import CRASH, conditions, route, service, to_latest, to_revision


def test_the_urls_of_a_route_and_its_tags_name_the_gateways_port(ground):
    ground.deploy("iris-v1")
    ground.apply(route("iris", to_latest("iris-v1", tag="v1")))
    ground.settle()

    told = ground.get(ROUTE, "iris")["status"]

    assert told["url"] == "http://iris.birds.poorwill.localhost:8090"
    assert told["traffic"][0]["url"] == "http://v1-iris.birds.poorwill.localhost:8090"
    assert told["address"]["url"] == "http://iris.birds.svc.cluster.local"


def test_a_route_is_ready_when_the_data_path_follows_it_and_not_before(ground):
    calls = []
    ground.control.listen(routes=lambda: calls.append("routes"))
    revision = ground.deploy("iris")
    assert conditions(ground.get(ROUTE, "iris"))["Ready"] == ("Unknown", "Uninitialized")
    assert calls

    [programmed] = ground.control.programmed()
    ground.control.published()
    ground.settle()

    assert programmed["status"]["traffic"] == [{"revisionName": revision, "percent": 100, "latestRevision": True}]
    assert conditions(ground.get(ROUTE, "iris"))["Ready"] == ("True", "")
    assert conditions(ground.get(SERVICE, "iris"))["Ready"] == ("True", "")


def test_what_changed_while_the_data_path_was_told_is_not_taken_for_told(ground):
    ground.control.listen(routes=lambda: None)
    ground.deploy("iris")
    ground.control.programmed()
    ground.apply(service("iris", traffic=[{"latestRevision": True, "percent": 100, "tag": "now"}]))
    ground.settle()

    ground.control.published()
    ground.settle()

    assert conditions(ground.get(ROUTE, "iris"))["Ready"] == ("Unknown", "Uninitialized")


def test_the_last_good_split_stays_programmed_when_a_target_goes(ground):
    for name in ("iris-v1", "iris-v2"):
        ground.deploy(name)
    ground.apply(route("iris", to_latest("iris-v1", 90), to_latest("iris-v2", 10)))
    ground.settle()

    ground.delete(SERVICE, "iris-v2")
    ground.settle()

    [programmed] = [each for each in ground.control.programmed() if each["metadata"]["name"] == "iris"]
    assert [target["percent"] for target in programmed["status"]["traffic"]] == [90, 10]
    assert conditions(ground.get(ROUTE, "iris"))["AllTrafficAssigned"] == ("False", "ConfigurationMissing")


def test_a_name_that_is_held_is_taken_over_once_it_is_free(ground):
    ground.deploy("iris-v1")
    ground.apply(route("iris", to_latest("iris-v1", tag="v2")))
    ground.deploy("v2-iris")
    assert conditions(ground.get(SERVICE, "v2-iris"))["RoutesReady"] == ("False", "NotOwned")

    ground.delete(ROUTE, "iris")
    ground.settle()

    assert conditions(ground.get(SERVICE, "v2-iris"))["Ready"] == ("True", "")


def test_a_route_may_not_be_called_like_a_revision(ground):
    revision = ground.deploy("iris")
    for name in (revision, f"{revision}-private"):
        ground.apply(route(name, to_latest("iris")))
        ground.settle()
        assert conditions(ground.get(ROUTE, name))["IngressReady"] == ("False", "NotOwned")


def test_a_change_of_labels_alone_makes_no_new_revision(ground):
    ground.deploy("iris")
    changed = service("iris")
    changed["metadata"]["labels"] = {"team": "botany"}
    ground.apply(changed)
    ground.settle()

    assert [each["metadata"]["name"] for each in ground.list(REVISION)] == ["iris-00001"]
    assert ground.get(CONFIGURATION, "iris")["metadata"]["labels"]["team"] == "botany"
    assert ground.get(ROUTE, "iris")["metadata"]["labels"]["team"] == "botany"


def test_a_template_may_name_its_revision_and_a_taken_name_is_said_to_be(ground):
    ground.deploy("iris", template={"name": "iris-first"})
    assert ground.get(SERVICE, "iris")["status"]["latestReadyRevisionName"] == "iris-first"

    ground.apply(service("iris", template={"name": "iris-first"}, model="2"))
    ground.settle()

    assert conditions(ground.get(CONFIGURATION, "iris"))["Ready"] == ("False", "RevisionFailed")
    assert conditions(ground.get(SERVICE, "iris"))["RoutesReady"] == ("False", "RevisionNameTaken")


def test_a_condition_keeps_its_time_while_it_stays_as_it_is(ground):
    ground.deploy("iris")
    before = times(ground.get(ROUTE, "iris"))
    ground.time += timedelta(hours=1)
    ground.scale("iris-00001", 0)
    ground.settle()

    after = times(ground.get(ROUTE, "iris"))
    active = {
        each["type"]: each["lastTransitionTime"] for each in ground.get(REVISION, "iris-00001")["status"]["conditions"]
    }
    assert before == after
    assert active["Active"] > active["Ready"]


def test_a_sleeping_revision_is_ready_also_after_a_restart(ground):
    ground.deploy("iris")
    ground.scale("iris-00001", 0)
    ground.settle()
    ground.pods.clear()

    ground.restart()
    ground.settle()

    told = conditions(ground.get(REVISION, "iris-00001"))
    assert told["Active"] == ("False", "NoTraffic")
    assert told["Ready"] == ("True", "")


def test_a_revision_is_proven_by_as_many_pods_as_it_starts_with(ground):
    ground.apply(service("iris", annotations={"autoscaling.knative.dev/initial-scale": "2"}))
    ground.settle()
    ground.scale("iris-00001", 2, ready=1)
    ground.settle()
    assert conditions(ground.get(REVISION, "iris-00001"))["Ready"] == ("Unknown", "Deploying")

    ground.scale("iris-00001", 2)
    ground.settle()

    assert conditions(ground.get(REVISION, "iris-00001"))["Ready"] == ("True", "")


def test_a_version_that_crashes_when_woken_is_unready_until_a_pod_is_ready_again(ground):
    ground.deploy("iris")
    ground.scale("iris-00001", 1, ready=0, failure=CRASH)
    ground.settle()
    assert conditions(ground.get(REVISION, "iris-00001"))["Ready"] == ("False", "ExitCode1")
    assert conditions(ground.get(ROUTE, "iris"))["AllTrafficAssigned"] == ("False", "RevisionMissing")
    assert ground.get(INGRESS, "iris")["spec"]["traffic"]

    ground.scale("iris-00001", 1)
    ground.settle()

    assert conditions(ground.get(SERVICE, "iris"))["Ready"] == ("True", "")


def test_an_image_that_is_not_there_is_named_by_service_and_configuration(ground):
    ground.apply(service("iris"))
    ground.settle()
    missing = Failure("ContainerMissing", 'Unable to fetch image "x": not registered')
    ground.scale("iris-00001", 1, ready=0, failure=missing)
    ground.settle()

    assert conditions(ground.get(REVISION, "iris-00001"))["ContainerHealthy"] == ("False", "ContainerMissing")
    told = ground.get(CONFIGURATION, "iris")["status"]["conditions"][0]["message"]
    assert told == f'Revision "iris-00001" failed with message: {missing.message}.'


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


def test_a_namespace_goes_with_all_that_is_in_it(ground):
    bootstrap.ensure(ground.state, "poorwill.localhost")
    metadata = {"name": ground.namespace}
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
    assert namespaces == ["default", "knative-serving", "kube-system"]
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


def test_the_loop_takes_up_changes_while_it_runs(ground):
    async def deploy_while_running():
        ready = asyncio.Event()
        ground.state.subscribe(lambda change: ready.set() if conditions_ready(change.object) else None)
        running = asyncio.create_task(ground.control.run())
        ground.apply(service("iris"))
        ground.scale("iris-00001", 1)
        await asyncio.wait_for(ready.wait(), 10)
        running.cancel()

    asyncio.run(deploy_while_running())

    assert conditions(ground.get(SERVICE, "iris"))["Ready"] == ("True", "")


def conditions_ready(obj):
    return obj["kind"] == "Service" and "status" in obj and conditions(obj)["Ready"] == ("True", "")


@pytest.mark.parametrize(
    ("parent", "suffix", "name"),
    [
        ("iris", "-00001", "iris-00001"),
        ("a" * 63, "-00001", "a" * 25 + "b06521f39153d618550606be297466d5" + "-00001"),
    ],
)
def test_long_names_are_cut_and_hashed_as_knative_does(parent, suffix, name):
    assert child_name(parent, suffix) == name


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


def times(obj):
    return {each["type"]: each["lastTransitionTime"] for each in obj["status"]["conditions"]}
