"""What callers see, and what the conditions say, of a function that can't start, eats too much or won't end."""

import json

import pytest

from tests.e2e.faults.twin import FAULTY, OWN, ROUTE, await_that, statuses

pytestmark = pytest.mark.parametrize("twin", ["envoy"], indirect=True)
SHARED = "shared.default.poorwill.localhost"
SOON = {"serving.knative.dev/progress-deadline": "3s"}


def test_a_function_that_never_gets_ready_or_crashes_is_told_with_its_words_and_gets_no_traffic(twin):
    mute = {"readinessProbe": {"httpGet": {"path": "/nowhere", "port": 0}, "periodSeconds": 0}}
    wrong = {"POORWILL_DIGEST": "sha256:" + "0" * 64}
    hosts = {
        "mute": twin.serve("mute", wait=False, annotations=SOON, container=mute),
        "wrong": twin.serve("wrong", wait=False, annotations=SOON, env=wrong),
    }

    with twin.asking(ROUTE, callers=1) as others:
        for name in hosts:
            twin.kubectl("wait", "--for=condition=Ready=False", "--timeout=60s", f"ksvc/{name}")

    assert set(statuses(others)) == {200}
    assert statuses([twin.ask(host) for host in hosts.values()]) == {404: 2}  # no Route has ever led there
    assert "Initial scale was never achieved" in twin.words("rev", "mute-00001")
    assert "digest" in twin.words("rev", "wrong-00001")


def test_a_new_revision_that_can_not_start_leaves_callers_with_the_last_good_one(twin):
    host = twin.serve("renewed")
    assert twin.ask(host).right

    twin.serve("renewed", wait=False, annotations=SOON, env={"POORWILL_DIGEST": "sha256:" + "0" * 64})
    with twin.asking(host, callers=2) as answers:
        twin.kubectl("wait", "--for=condition=Ready=False", "--timeout=60s", "ksvc/renewed")

    assert set(statuses(answers)) == {200}
    assert twin.show("ksvc", "renewed")["status"]["latestReadyRevisionName"] == "renewed-00001"


def test_a_service_that_is_deleted_and_made_anew_at_once_serves_and_a_broken_one_in_its_place_is_told(twin):
    host = twin.serve("anew")
    live = twin.show("ksvc", "anew")
    metadata = {"name": "anew", "namespace": "default", "labels": live["metadata"]["labels"]}
    made = {name: live[name] for name in ("apiVersion", "kind", "spec")} | {"metadata": metadata}
    path = "/apis/serving.knative.dev/v1/namespaces/default/services"
    with twin.api() as write:
        assert write("DELETE", f"{path}/anew", {}) == 200
        assert write("POST", path, made) == 201
    twin.kubectl("wait", "--for=condition=Ready", "--timeout=60s", "ksvc/anew")
    assert twin.ask(host).right

    template = made["spec"]["template"]
    template["metadata"]["annotations"] |= SOON
    (container,) = template["spec"]["containers"]
    others = [item for item in container["env"] if item["name"] != "POORWILL_DIGEST"]
    container["env"] = [*others, {"name": "POORWILL_DIGEST", "value": "sha256:" + "0" * 64}]
    twin.kubectl("replace", "--force", "-f", "-", stdin=json.dumps(made))
    twin.kubectl("wait", "--for=condition=Ready=False", "--timeout=60s", "ksvc/anew")
    assert "digest" in twin.words("rev", "anew-00001")


def test_a_function_that_ignores_sigterm_is_killed_when_its_grace_is_over_and_no_request_is_lost(twin):
    host = twin.serve("stubborn", function="stubborn", spec={"timeoutSeconds": 2})
    assert twin.ask(host).right
    pid = twin.process("stubborn")

    with twin.asking(OWN, callers=1) as others:
        twin.await_sleep("stubborn")

    assert pid not in twin.processes()
    assert twin.ask(host).right
    assert set(statuses(others)) == {200}


def test_a_function_that_takes_more_memory_than_it_may_is_killed_and_told_and_runs_again(twin):
    resources = {"resources": {"limits": {"memory": "400Mi"}}}
    host = twin.serve("hungry", function="hungry", container=resources)

    answers = [twin.ask(host) for _ in range(5)]

    seen = statuses(answers)
    assert set(seen) == {200, 502}, [answer for answer in answers if answer.status != 200]
    assert seen[502] <= 2  # what it had begun, and a next one at most
    (pod,) = twin.pods("hungry")
    await_that(lambda: container(twin, pod)["restartCount"] == 1)
    assert container(twin, pod)["lastState"]["terminated"]["reason"] == "OOMKilled"
    assert twin.ask(host).right


def container(twin, pod):
    return twin.show("pod", pod)["status"]["containerStatuses"][0]


def test_a_route_that_names_a_version_which_is_not_there_keeps_the_last_good_split(twin):
    share(twin, "digits-v1", "digits-v2")
    assert set(statuses(twin.ask_often(SHARED, 20))) == {200}
    before = twin.show("rt", "shared")["status"]["traffic"]

    with twin.asking(SHARED) as answers:
        share(twin, "digits-v1", "digits-v9", ready="False")

    assert set(statuses(answers)) == {200}
    assert {answer.version for answer in twin.ask_often(SHARED, 100) if answer.right} == {"1", "2"}
    assert twin.show("rt", "shared")["status"]["traffic"] == before
    assert "digits-v9" in twin.words("rt", "shared")


def test_a_version_that_is_deleted_under_its_route_costs_its_own_share_and_no_more(twin):
    twin.serve("doomed")
    share(twin, "digits-v1", "doomed")
    assert set(statuses(twin.ask_often(SHARED, 40))) == {200}

    twin.kubectl("delete", "ksvc", "doomed")
    twin.kubectl("wait", "--for=condition=Ready=False", "--timeout=60s", "rt/shared")
    await_that(lambda: "doomed" not in twin.processes().values())
    answers = twin.ask_often(SHARED, 100)

    assert set(statuses(answers)) == {200, 404}
    assert {entry["percent"] for entry in twin.show("rt", "shared")["status"]["traffic"]} == {50}
    assert "doomed" in twin.words("rt", "shared")


def share(twin, *configurations, ready="True"):
    """Give half of a Route's traffic to each, and wait until it says what it makes of that."""
    traffic = [{"configurationName": name, "latestRevision": True, "percent": 50} for name in configurations]
    metadata = {"name": "shared", "labels": dict([FAULTY.split("=")])}
    route = {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Route",
        "metadata": metadata,
        "spec": {"traffic": traffic},
    }
    twin.kubectl("apply", "-f", "-", stdin=json.dumps(route))
    twin.kubectl("wait", f"--for=condition=Ready={ready}", "--timeout=60s", "rt/shared")
