"""What a write may change, and how a deletion is asked for: as Kubernetes' strategies and CRDs have it."""

import pytest

from poorwill.kinds.kind import CONFIG_MAP, NAMESPACE, POD, ROUTE, Key
from poorwill.local.api.resources import APPLY, MERGE_PATCH, STRATEGIC_MERGE_PATCH
from tests.local.api.client import send
from tests.local.api.objects import CONFIG_MAPS_PATH, config_map, pod

NAMESPACES = "/api/v1/namespaces"
ROUTES = "/apis/serving.knative.dev/v1/namespaces/default/routes"
SPLIT = [{"revisionName": "digits-00001", "percent": 100}]


@pytest.fixture
def route(twin):
    metadata = {"name": "digits", "namespace": "default"}
    made = {"apiVersion": ROUTE.api_version, "kind": "Route", "metadata": metadata, "spec": {"traffic": SPLIT}}
    twin.add(made)
    twin.kubectl(
        "patch", "route", "digits", "--subresource=status", "--type=merge", "-p", '{"status":{"url":"http://a"}}'
    )
    return lambda: twin.state.get(Key(ROUTE, "default", "digits"))


@pytest.mark.parametrize(
    ("status", "field"),
    [
        ('"x"', "status"),
        ('{"traffic":"x"}', "status.traffic"),
        ('{"traffic":["x"]}', "status.traffic[0]"),
        ('{"conditions":[{"type":"Ready"}]}', "status.conditions[0].status"),
        ('{"observedGeneration":"1"}', "status.observedGeneration"),
    ],
)
def test_a_status_that_is_not_of_its_kind_is_refused_with_its_field(twin, route, status, field):
    body = f'{{"status":{status}}}'

    code, _, answer = send(twin, "PATCH", f"{ROUTES}/digits/status", body, Content_Type=MERGE_PATCH)

    assert (code, answer["reason"], answer["details"]["causes"][0]["field"]) == (422, "Invalid", field)
    assert route()["status"] == {"url": "http://a"}


def test_a_status_of_null_is_none_and_nulls_within_one_are_not_kept(twin, route):
    live = route()

    send(twin, "PUT", f"{ROUTES}/digits/status", {**live, "status": {"url": None, "conditions": []}})
    assert route()["status"] == {"conditions": []}
    send(twin, "PUT", f"{ROUTES}/digits/status", {**route(), "status": None})
    assert "status" not in route()


@pytest.mark.parametrize(
    ("type_", "changes"),
    [
        (MERGE_PATCH, {"spec": {"finalizers": []}}),
        (MERGE_PATCH, {"spec": None, "status": {"phase": "Terminating"}}),
        (STRATEGIC_MERGE_PATCH, {"spec": {"finalizers": ["mine"]}, "status": None}),
        (APPLY, {"apiVersion": "v1", "kind": "Namespace", "spec": {"finalizers": []}}),
    ],
)
def test_nobody_writes_the_finalizers_and_the_phase_of_a_namespace(twin, type_, changes):
    path = f"{NAMESPACES}/other?fieldManager=me" + ("&force=true" if type_ == APPLY else "")
    labelled = {**changes, "metadata": {"labels": {"a": "b"}}}

    assert send(twin, "PATCH", path, labelled, Content_Type=type_)[0] == 200

    found = twin.state.get(Key(NAMESPACE, "", "other"))
    assert (found["spec"], found["status"]) == ({"finalizers": ["kubernetes"]}, {"phase": "Active"})
    assert found["metadata"]["labels"]["a"] == "b"


@pytest.mark.parametrize("spec", [{}, {"finalizers": []}, {"finalizers": ["mine"]}])
def test_a_new_namespace_is_kept_until_it_is_empty(twin, spec):
    made = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "new"}, "spec": spec}

    _, _, answer = send(twin, "POST", NAMESPACES, {**made, "status": {"phase": "Terminating"}})

    assert answer["spec"]["finalizers"][-1] == "kubernetes"
    assert answer["status"] == {"phase": "Active"}


@pytest.mark.parametrize("policy", ["Background", "Foreground", "Orphan"])
@pytest.mark.parametrize("only", [{"uid": "another"}, {"resourceVersion": "1"}])
def test_preconditions_hold_whatever_becomes_of_dependents(twin, policy, only):
    (made,) = twin.add(config_map("a"))

    code, _, answer = send(
        twin, "DELETE", f"{CONFIG_MAPS_PATH}/a", {"propagationPolicy": policy, "preconditions": only}
    )

    assert (code, answer["reason"]) == (409, "Conflict")
    assert twin.state.get(Key(CONFIG_MAP, "default", "a")) == made


def test_a_pod_gets_the_grace_that_was_asked_for_and_may_be_told_to_go_sooner(twin):
    made = {**pod("one"), "metadata": {**pod("one")["metadata"], "finalizers": ["a.dev/b"]}}
    twin.add({**made, "spec": {**made["spec"], "terminationGracePeriodSeconds": 300}})

    def grace():
        return twin.state.get(Key(POD, "default", "one"))["metadata"]["deletionGracePeriodSeconds"]

    told = []
    for arguments in ((), ("--grace-period=20",), ("--grace-period=40",), ("--now",)):
        twin.kubectl("delete", "pod", "one", "--wait=false", *arguments)
        told.append(grace())
    assert told == [300, 20, 20, 1]


@pytest.mark.parametrize("seconds", [-1, "1", 1.5, True])
def test_a_grace_that_is_no_number_of_seconds_is_refused(twin, seconds):
    twin.add(config_map("a"))

    assert send(twin, "DELETE", f"{CONFIG_MAPS_PATH}/a", {"gracePeriodSeconds": seconds})[0] == 400
