"""Answers have the shapes that Kubernetes' API has: statuses, watches, pages, deletions, the status subresource."""

import json

import pytest

from poorwill.kinds.kind import CONFIG_MAP, SERVICE
from tests.local.api.client import connection, send
from tests.local.api.objects import CONFIG_MAPS_PATH, config_map

SERVICES_PATH = "/apis/serving.knative.dev/v1/namespaces/default/services"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
APPLY, MERGE = "application/apply-patch+yaml", "application/merge-patch+json"


def service(name="digits"):
    template = {"spec": {"containers": [{"image": "ghcr.io/poorwill/serve:0.1.0"}]}}
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"template": template},
    }


def watched(twin, path, count, **headers):
    """Return the first events of a watch."""
    with connection(twin) as opened:
        opened.request("GET", path, headers={"Authorization": f"Bearer {twin.token}", **headers})
        answer = opened.getresponse()
        lines = (answer.readline() for _ in range(count)) if count else iter(answer.readlines())
        return [json.loads(line) for line in lines if line]


def test_what_is_not_there_is_told_in_kubernetes_words(twin):
    _, _, answer = send(twin, "GET", f"{SERVICES_PATH}/nothing")

    assert answer == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": 'services.serving.knative.dev "nothing" not found',
        "reason": "NotFound",
        "details": {"name": "nothing", "group": "serving.knative.dev", "kind": "services"},
        "code": 404,
    }


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/api/v2/pods",
        "/api/v1/nothing",
        "/apis/policy/v1/poddisruptionbudgets",
        "/apis/policy",
        "/apis/policy/v1",
        "/openapi/v3/apis/policy/v1",
        f"{CONFIG_MAPS_PATH}/a/status",
        f"{CONFIG_MAPS_PATH}/a/b/c",
        "/api/v1/namespaces/default/namespaces/default",
        "/api/v1/configmaps/a",
        "/api/v1/namespaces/default/services",
        "/apis/networking.internal.knative.dev/v1alpha1/ingresses",
    ],
)
def test_a_path_that_is_not_served_is_not_found(twin, path):
    status, _, answer = send(twin, "GET", path)

    assert (status, answer["reason"], answer["details"]) == (404, "NotFound", {})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", CONFIG_MAPS_PATH),
        ("POST", f"{CONFIG_MAPS_PATH}/a"),
        ("HEAD", CONFIG_MAPS_PATH),
        ("TRACE", CONFIG_MAPS_PATH),
        ("POST", "/api/v1/namespaces/default/pods"),
        ("PATCH", "/api/v1/namespaces/default/pods/a"),
        ("GET", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"),
        ("DELETE", f"{SERVICES_PATH}/a/status"),
    ],
)
def test_a_verb_that_a_resource_has_not_is_not_allowed(twin, method, path):
    assert send(twin, method, path, "{}")[0] == 405


def test_unknown_media_types_are_told_what_is_taken(twin):
    send(twin, "POST", SERVICES_PATH, service())

    status, _, answer = send(twin, "PATCH", f"{SERVICES_PATH}/digits", "{}", Content_Type="text/plain")
    assert (status, answer["reason"]) == (415, "UnsupportedMediaType")
    assert "application/apply-patch+yaml" in answer["message"]
    assert send(twin, "POST", SERVICES_PATH, service(), Content_Type="text/plain")[0] == 415
    assert send(twin, "GET", SERVICES_PATH, Accept="application/cbor")[0] == 406


def test_a_watch_goes_on_where_a_list_ended(twin):
    twin.add(config_map("a"))
    version = send(twin, "GET", CONFIG_MAPS_PATH)[2]["metadata"]["resourceVersion"]
    twin.add(config_map("b"))

    events = watched(twin, f"{CONFIG_MAPS_PATH}?watch=1&resourceVersion={version}", 1)

    assert [(event["type"], event["object"]["metadata"]["name"]) for event in events] == [("ADDED", "b")]


def test_a_watch_ends_in_its_time_and_with_the_server(twin):
    assert watched(twin, f"{CONFIG_MAPS_PATH}?watch=true&timeoutSeconds=1", 0) == []
    with connection(twin) as opened:
        opened.request("GET", f"{CONFIG_MAPS_PATH}?watch=1", headers={"Authorization": f"Bearer {twin.token}"})
        answer = opened.getresponse()
        twin.call(twin.api.stop)
        assert answer.read() == b""


def test_initial_events_end_with_a_bookmark(twin):
    twin.add(config_map("a"))
    query = "watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan"

    added, bookmark = watched(twin, f"{CONFIG_MAPS_PATH}?{query}", 2)

    assert (added["type"], bookmark["type"]) == ("ADDED", "BOOKMARK")
    assert bookmark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert bookmark["object"]["kind"] == "ConfigMap"


def test_a_watch_from_too_far_back_is_told_to_list_again(twin):
    for version in (10**9, 1):
        twin.call(lambda: twin.state._database.execute("DELETE FROM changes WHERE version < 3"))
        (event,) = watched(twin, f"{CONFIG_MAPS_PATH}?watch=1&resourceVersion={version}", 0)

        assert (event["type"], event["object"]["code"], event["object"]["reason"]) == ("ERROR", 410, "Expired")


def test_a_watch_of_tables_has_columns_once(twin):
    twin.add(config_map("a"), config_map("b"))

    first, second = watched(twin, f"{CONFIG_MAPS_PATH}?watch=1", 2, Accept=TABLE)

    assert [column["name"] for column in first["object"]["columnDefinitions"]] == ["Name", "Data", "Age"]
    assert second["object"]["columnDefinitions"] is None
    assert second["object"]["rows"][0]["object"]["kind"] == "PartialObjectMetadata"


def test_a_list_comes_in_pages_of_one_version(twin):
    twin.add(*(config_map(name) for name in "abc"))
    _, _, first = send(twin, "GET", f"{CONFIG_MAPS_PATH}?limit=2")
    twin.add(config_map("d"))
    _, _, second = send(twin, "GET", f"{CONFIG_MAPS_PATH}?limit=2&continue={first['metadata']['continue']}")

    assert [item["metadata"]["name"] for item in first["items"] + second["items"]] == list("abcd")
    assert first["metadata"]["remainingItemCount"] == 1
    assert first["metadata"]["resourceVersion"] == second["metadata"]["resourceVersion"]
    assert send(twin, "GET", f"{CONFIG_MAPS_PATH}?continue=zzz")[0] == 400


def test_a_list_that_nobody_can_have_seen_yet_is_a_timeout(twin):
    status, _, answer = send(twin, "GET", f"{CONFIG_MAPS_PATH}?resourceVersion=99999")

    assert (status, answer["details"]["causes"][0]["reason"]) == (504, "ResourceVersionTooLarge")


def test_a_deletion_holds_to_its_preconditions(twin):
    (made,) = twin.add(config_map("a"))
    for only in ({"uid": "another"}, {"resourceVersion": "1"}):
        options = {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": only}
        assert send(twin, "DELETE", f"{CONFIG_MAPS_PATH}/a", options)[2]["reason"] == "Conflict"

    assert send(twin, "DELETE", f"{CONFIG_MAPS_PATH}/a?dryRun=All")[0] == 200
    _, _, answer = send(twin, "DELETE", f"{CONFIG_MAPS_PATH}/a", {"preconditions": {"uid": made["metadata"]["uid"]}})
    assert answer["status"] == "Success"
    assert answer["details"] == {"name": "a", "kind": "configmaps", "uid": made["metadata"]["uid"]}


def test_a_status_is_written_at_its_own_path_alone(twin):
    assert "status" not in send(twin, "POST", SERVICES_PATH, {**service(), "status": {"url": "made up"}})[2]
    path = f"{SERVICES_PATH}/digits"
    send(twin, "PATCH", f"{path}/status", {"status": {"url": "http://x"}, "spec": {}}, Content_Type=MERGE)
    send(twin, "PATCH", path, {"status": {"url": "made up"}}, Content_Type=MERGE)

    _, _, found = send(twin, "GET", f"{path}/status")
    assert (found["status"], found["metadata"]["generation"]) == ({"url": "http://x"}, 1)
    assert found["spec"]["template"]["spec"]["containers"]
    managers = {(entry["manager"], entry.get("subresource")) for entry in found["metadata"]["managedFields"]}
    assert (managers & {("unknown", "status")}) == {("unknown", "status")}


def test_an_apply_of_what_is_not_there_is_held_to_its_uid_and_not_to_its_version(twin):
    # as Kubernetes 1.35 does: a resourceVersion alone is no condition on an object that is gone
    path, statuses = f"{CONFIG_MAPS_PATH}/gone?fieldManager=me", []
    for only in ({"uid": "another"}, {"resourceVersion": "123"}):
        obj = config_map(a="1")
        obj["metadata"] = {"name": "gone"} | only
        statuses.append(send(twin, "PATCH", path, obj, Content_Type=APPLY)[0])

    assert statuses == [409, 201]


def test_an_apply_wants_a_manager_and_makes_what_is_not_there(twin):
    path = f"{CONFIG_MAPS_PATH}/colours"
    status, _, answer = send(twin, "PATCH", path, config_map(a="1"), Content_Type=APPLY)
    assert (status, answer["details"]["causes"][0]["field"]) == (422, "fieldManager")

    created = send(
        twin,
        "PATCH",
        f"{path}?fieldManager=me",
        "data: {a: '1'}\nkind: ConfigMap\napiVersion: v1\n",
        Content_Type=APPLY,
    )
    again = send(twin, "PATCH", f"{path}?fieldManager=me", config_map(a="1"), Content_Type=APPLY)
    assert (created[0], again[0]) == (201, 200)
    assert created[2]["metadata"] == again[2]["metadata"]

    _, _, conflict = send(twin, "PATCH", f"{path}?fieldManager=you", config_map(a="2"), Content_Type=APPLY)
    assert conflict["details"]["causes"] == [
        {"reason": "FieldManagerConflict", "message": 'conflict with "me"', "field": ".data.a"}
    ]


def test_objects_that_say_another_place_than_their_path_are_refused(twin):
    other = config_map()
    other["metadata"]["namespace"] = "other"
    for obj in (other, {**config_map(), "kind": "Secret"}, {**config_map(), "apiVersion": "v2"}, {}, {"metadata": 1}):
        assert send(twin, "POST", CONFIG_MAPS_PATH, obj)[2]["reason"] == "BadRequest"
    twin.add(config_map("a"))
    assert send(twin, "PUT", f"{CONFIG_MAPS_PATH}/a", config_map("b"))[2]["reason"] == "BadRequest"
    nameless = {**config_map(), "metadata": {}}
    assert send(twin, "POST", CONFIG_MAPS_PATH, nameless)[2]["details"]["causes"][0]["field"] == "metadata.name"


def test_a_replacement_of_a_knative_object_names_the_version_that_it_replaces(twin):
    _, _, made = send(twin, "POST", SERVICES_PATH, service())
    del made["metadata"]["resourceVersion"]

    status, _, answer = send(twin, "PUT", f"{SERVICES_PATH}/digits", made)

    assert (status, answer["details"]["causes"][0]["field"]) == (422, "metadata.resourceVersion")


def test_everything_is_there_after_a_restart(twin):
    send(twin, "POST", SERVICES_PATH, service())
    before = twin.call(lambda: twin.state.list(SERVICE) + twin.state.list(CONFIG_MAP))
    twin.stop()
    twin.start()

    assert send(twin, "GET", f"{SERVICES_PATH}/digits")[2] == before[0]
