"""What is left beside the observed objects: the loop itself, deletion, names, time, and what the twin says in URLs."""

import asyncio
from datetime import timedelta

import pytest

from poorwill.kinds.kind import (
    CONFIGURATION,
    INGRESS,
    REVISION,
    ROUTE,
    SERVICE,
)
from poorwill.local.control.labels import child_name
from poorwill.local.control.retention import stale
from poorwill.local.revision import Failure
from tests.local.control.ground import CRASH, conditions, route, service, to_latest


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
    ground.control.listen(routes=calls.extend)
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
    ground.control.listen(routes=lambda _: None)
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


def times(obj):
    return {each["type"]: each["lastTransitionTime"] for each in obj["status"]["conditions"]}


def test_an_object_that_no_step_can_be_taken_with_stops_no_other_and_is_tried_again(ground, caplog):
    ground.deploy("wine")
    broken = ground.get(ROUTE, "wine")
    ground.state.update({**broken, "status": "of another kind"}, status=True)
    ground.apply(service("iris", model="2"))
    ground.control.settle()
    assert ground.get(CONFIGURATION, "iris")["status"]["latestCreatedRevisionName"] == "iris-00001"

    ground.restart()
    ground.control.settle()

    assert {work.name for work in ground.control.failed} == {"wine"}
    assert caplog.records
    assert not any("of another kind" in record.getMessage() for record in caplog.records)
    ground.state.update({**ground.get(ROUTE, "wine"), "status": {}}, status=True)

    async def run():
        running = asyncio.ensure_future(ground.control.run())
        async with asyncio.timeout(60):
            while not ground.get(ROUTE, "wine")["status"].get("traffic"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        running.cancel()

    asyncio.run(run())


@pytest.mark.parametrize("told", ["", "yesterday", "2026-11-22", "2026-11-22T12:00:00"])
def test_a_mark_of_routing_that_is_no_time_counts_as_none(ground, told):
    created = (ground.time - timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
    revisions = [
        {
            "metadata": {
                "name": f"iris-{number}",
                "creationTimestamp": created,
                "labels": {"serving.knative.dev/routingState": "reserve"},
                "annotations": {"serving.knative.dev/routingStateModified": told},
            }
        }
        for number in range(21)
    ]

    assert stale({}, revisions, ground.time) == (revisions[0],)
