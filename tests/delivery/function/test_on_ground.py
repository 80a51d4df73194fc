"""The deploy function in a process of its own, on a real API: who may call, what each verb does, what events do."""

import subprocess

import pytest

from poorwill.kinds.kind import ROUTE, SERVICE
from poorwill.kinds.objects import annotations
from tests.conftest import free_ports
from tests.delivery.conftest import KUBECONFIG, ROOT
from tests.delivery.function.conftest import command
from tests.e2e.behaviour.ground import environment
from tests.serving.auth.issuer import token

pytestmark = pytest.mark.e2e

VERBS = [
    ("POST", "/deploy"),
    ("POST", "/split"),
    ("POST", "/rollback"),
    ("POST", "/delete"),
    ("GET", "/status"),
    ("POST", "/"),
]
DIGEST = f"sha256:{'0' * 64}"


@pytest.fixture(scope="module")
def first(function):
    """Deploy the first version by an event."""
    return function.event({"model": "digits", "version": 1})


def state(function):
    """Return what somebody asked for in the namespace; not what Knative passes on to what a Service owns."""
    found = [*function.ground.cluster.list(SERVICE), *function.ground.cluster.list(ROUTE)]
    own = [obj for obj in found if not obj["metadata"].get("ownerReferences")]
    return {(obj["kind"], obj["metadata"]["name"]): (obj["metadata"]["generation"], annotations(obj)) for obj in own}


@pytest.mark.parametrize(("method", "path"), VERBS)
@pytest.mark.parametrize("key", ["", "wrong", token(aud="others")], ids=["none", "wrong", "other-audience"])
def test_strangers_are_refused_whatever_they_ask_for(function, method, path, key):
    reply = function.ask(method, path, {"version": "digits@1"}, key=key)

    assert reply.status == 401
    assert reply.headers["www-authenticate"].startswith("Bearer realm=")
    assert reply.headers["content-type"] == "application/problem+json"


def test_a_known_caller_who_may_not_deploy_is_told_so(function):
    assert function.ask("GET", "/status", key=token(sub="somebody")).status == 403
    assert function.ask("GET", "/status", key=token()).status == 200


def test_a_registered_version_is_deployed_and_the_reply_says_so(function, first):
    assert first.status == 200
    reply = first.document
    assert (reply["type"], reply["subject"], reply["causationid"]) == ("dev.poorwill.model.deployed", "digits@1", "1")
    assert reply["source"] == f"/namespaces/{function.ground.cluster.namespace}/models/digits"
    assert (reply["data"]["version"], reply["data"]["percent"]) == (1, 100)
    assert reply["data"]["revision"] == "digits-v1-00001"


def test_the_next_version_gets_a_tag_and_no_traffic(function, first):
    reply = function.event({"model": "digits", "version": 2}, id="2").document
    status = function.ask("GET", "/status/digits").document

    assert reply["data"]["percent"] == 0
    (model,) = status["models"]
    assert [(version["version"], version["percent"]) for version in model["versions"]] == [(1, 100), (2, 0)]
    assert model["versions"][1]["tag_url"].startswith("http://v2-digits.")


def test_a_redelivery_changes_nothing_whatever_people_did_meanwhile_and_gets_the_same_reply(function, first):
    data = {"model": "digits", "version": 2}
    once = function.event(data, id="2").document
    function.ask("POST", "/split", {"model": "digits", "split": {"v1": 70, "v2": 30}})
    function.ground.kubectl("annotate", "ksvc", "digits-v2", "somebody.example/was=here")
    before = state(function)

    again = function.event(data, id="2").document

    assert state(function) == before
    assert (again["id"], again["data"]["percent"]) == (once["id"], 30)
    assert {**again["data"], "percent": 0} == once["data"]


def test_splitting_and_rolling_back_are_the_commands(function, first):
    function.event({"model": "digits", "version": 2}, id="2")
    function.ask("POST", "/split", {"model": "digits", "split": {"v1": 100, "v2": 0}})
    moved = function.ask("POST", "/split", {"model": "digits", "split": {"v1": 40, "v2": 60}}).document
    planned = function.ask("POST", "/rollback", {"model": "digits", "dry_run": True}).document
    back = function.ask("POST", "/rollback", {"model": "digits"}).document

    assert (moved["from"], moved["to"], moved["changed"]) == ({"v1": 100, "v2": 0}, {"v1": 40, "v2": 60}, True)
    assert (planned["to"], planned["dry_run"]) == ({"v1": 100, "v2": 0}, True)
    assert back["to"] == {"v1": 100, "v2": 0}


def test_a_dry_run_and_the_same_again_change_nothing(function, first):
    before = state(function)
    dry = function.ask("POST", "/deploy", {"version": "digits@2", "dry_run": True})
    same = function.ask("POST", "/deploy", {"version": "digits@1"})

    assert (dry.status, dry.document["dry_run"]) == (200, True)
    assert (same.status, same.document["changed"]) == (200, False)
    assert state(function) == before


@pytest.mark.parametrize(
    ("status", "data"),
    [
        (422, {"model": "digits", "version": 9}),
        (422, {"model": "nobody", "version": 1}),
        (400, {"model": "digits", "version": 1, "digest": DIGEST}),
        (400, {"model": "Digits!", "version": 1}),
        (400, {"model": "digits", "version": 0}),
        (400, {"model": "digits", "version": 1, "percent": 101}),
        (400, {"version": 1}),
        (400, "digits@1"),
    ],
    ids=str,
)
def test_an_event_that_can_never_succeed_is_not_delivered_again(function, first, status, data):
    before = state(function)

    reply = function.event(data, id="never")

    assert (reply.status, state(function)) == (status, before)


def test_events_of_other_types_are_nothing_to_it(function):
    assert function.event({}, type="dev.poorwill.data.arrived").status == 204


def test_an_event_in_binary_mode_is_answered_in_it(function, first):
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": "1",
        "ce_source": "/registry",
        "ce_type": "dev.poorwill.model.registered",
    }

    reply = function.ask("POST", "/", {"model": "digits", "version": 1}, content_type="application/json", **attributes)

    assert (reply.status, reply.headers["ce-type"], reply.document["version"]) == (
        200,
        "dev.poorwill.model.deployed",
        1,
    )


@pytest.mark.parametrize(
    ("status", "method", "path", "body"),
    [
        (404, "POST", "/deploy", {"version": "digits@9"}),
        (400, "POST", "/deploy", {"version": "digits"}),
        (400, "POST", "/deploy", {"version": "digits@1", "image": "team/other:1"}),
        (400, "POST", "/deploy", {"version": "digits@1", "command": "id"}),
        (400, "POST", "/deploy", b"{"),
        (400, "POST", "/deploy", b" " * 70_000),
        (400, "POST", "/split", {"model": "digits", "split": {"v1": 50}}),
        (404, "POST", "/split", {"model": "digits", "split": {"v9": 100}}),
        (409, "POST", "/delete", {"name": "digits@1"}),
        (409, "POST", "/delete", {"name": "digits"}),
        (404, "POST", "/delete", {"name": "digits@9"}),
        (404, "GET", "/status/nobody", None),
        (405, "GET", "/deploy", None),
        (405, "POST", "/status", {}),
        (404, "POST", "/exec", {}),
    ],
)
def test_what_cannot_be_is_a_problem_that_quotes_nothing(function, first, status, method, path, body):
    reply = function.ask(method, path, body)

    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")
    assert set(reply.document) >= {"type", "title", "status", "detail", "faults", "request_id"}
    assert b"command" not in reply.body
    assert b"team/other" not in reply.body


def test_a_version_without_traffic_is_deleted_by_it(function, first):
    function.event({"model": "digits", "version": 2}, id="2")
    function.ask("POST", "/split", {"model": "digits", "split": {"v1": 100}})
    deleted = function.ask("POST", "/delete", {"name": "digits@2"})

    assert (deleted.status, deleted.document["services"]) == (200, ["digits-v2"])
    assert function.ground.cluster.get(SERVICE, "digits-v2") is None


def test_why_a_version_is_not_ready_is_told_by_what_its_account_may_look_at(function, first):
    reply = function.ask("POST", "/deploy", {"version": "digits@2", "image": f"dev.local/nobody-has-this@{DIGEST}"})

    assert reply.status == 422
    assert "image" in reply.document["detail"]
    assert function.ask("POST", "/delete", {"name": "digits@2"}).status == 200


def test_a_version_that_is_new_is_made_with_the_components_that_it_is_set_to(function, first):
    template = function.ground.cluster.get(SERVICE, "digits-v1")["spec"]["template"]

    assert template["metadata"]["annotations"]["autoscaling.knative.dev/window"] == "6s"


def test_a_model_with_traffic_is_deleted_by_it_when_that_is_said(function, first):
    deleted = function.ask("POST", "/delete", {"name": "digits", "with_traffic": True, "dry_run": True})

    assert (deleted.status, deleted.document["route"]) == (200, True)


def test_its_log_says_who_did_what(function, first):
    text = function.log.read_text()

    assert '"caller":"pipeline"' in text
    assert '"function":"deploy"' in text


def test_without_anybody_who_may_call_it_does_not_start(ground):
    variables = environment(
        KUBECONFIG=str(ground.kubeconfig), POORWILL_STORE=ground.store, PYTHONPATH=str(ROOT / "functions")
    )
    done = subprocess.run(
        command(free_ports(1)[0]), env=variables, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode != 0
    assert "POORWILL_API_KEYS" in done.stderr


@pytest.mark.skipif(not KUBECONFIG, reason="a twin has no rights to tell apart")
@pytest.mark.parametrize("resource", ["services", "routes", "revisions", "pods"])
def test_its_account_may_do_nothing_besides(function, resource):
    def may(verb, what):
        account = f"system:serviceaccount:{function.ground.cluster.namespace}:poorwill-deploy"
        said = subprocess.run(
            ["kubectl", "--kubeconfig", function.ground.kubeconfig, "-n", function.ground.cluster.namespace,
             "auth", "can-i", verb, what, f"--as={account}"], capture_output=True, text=True, check=False,
        )  # fmt: skip
        return said.stdout.strip() == "yes"

    suffix = "" if resource == "pods" else ".serving.knative.dev"
    assert may("list", resource + suffix)
    for verb, what in (
        ("get", "secrets"), ("get", "configmaps"), ("create", "pods"), ("create", "pods/exec"),
        ("update", resource + suffix),
        ("deletecollection", resource + suffix), ("create", "roles.rbac.authorization.k8s.io"), ("get", "nodes"),
    ):  # fmt: skip
        assert not may(verb, what), (verb, what)
