"""Callers are asked who they are, before their bodies are read, by whatever way they come."""

import json
import socket
from hashlib import sha256
from select import select
from urllib.parse import urlsplit

import pytest
import yaml

from tests.e2e.behaviour.ground import ROOT, SAMPLE
from tests.serving.auth.issuer import AUDIENCE, ISSUER, jwks, public, token

OLD_KEY, NEW_KEY = "the-key-that-goes", "the-key-that-comes"
BODY_BYTES = 4_000_000  # below what the version takes, above what any proxy reads ahead for nothing
PIECE_BYTES, PIECE_SECONDS = 65_536, 0.2
ANSWER_SECONDS = 60


def component(name):
    """Return an edit that does to a version service what a component of knative/ does."""
    patches = yaml.safe_load((ROOT / f"knative/components/authentication/{name}/kustomization.yaml").read_text())
    operations = yaml.safe_load(patches["patches"][0]["patch"])

    def edit(service):
        container = service["spec"]["template"]["spec"]["containers"][0]
        for operation in operations:
            *_, member, end = operation["path"].split("/")
            assert (operation["op"], end) == ("add", "-")
            container[member].append(operation["value"])

    return edit


@pytest.fixture(scope="module")
def keyed(ground):
    digests = ",".join(
        f"{name}=sha256:{sha256(key.encode()).hexdigest()}" for name, key in (("old", OLD_KEY), ("new", NEW_KEY))
    )
    ground.kubectl("create", "secret", "generic", "poorwill-api-keys", f"--from-literal=POORWILL_API_KEYS={digests}")
    ground.deploy("digits@1", edit=component("api-keys"))
    return ground


@pytest.fixture(params=["ksvc/digits-v1", "rt/digits"])
def host(request, keyed):
    return keyed.host(*request.param.split("/"))


def bearer(credential):
    return {"headers": {"Authorization": f"Bearer {credential}"}}


def test_both_keys_let_in_so_that_one_can_replace_the_other_without_a_gap(keyed, host):
    assert keyed.ask(host, **bearer(OLD_KEY)).right
    assert keyed.ask(host, **bearer(NEW_KEY)).right
    assert keyed.ask(host, headers={"X-Api-Key": NEW_KEY}).right


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {OLD_KEY}"}], ids=str
)
def test_no_key_and_a_wrong_key_are_refused(keyed, host, headers):
    answer = keyed.ask(host, headers=headers)

    assert answer.status == 401
    assert json.loads(answer.body)["type"] == "urn:poorwill:error:unauthenticated"


def test_a_refusal_does_not_wait_for_the_body(keyed, host):
    gateway = urlsplit(keyed.gateway)
    head = (
        f"POST /v2/models/digits/infer HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {BODY_BYTES}\r\n\r\n"
    )
    assert keyed.ask(host, **bearer(NEW_KEY)).right  # awake

    sent = 0
    with socket.create_connection((gateway.hostname, gateway.port), ANSWER_SECONDS) as client:
        client.sendall(head.encode())
        # a proxy of Knative's passes a refusal on with the next bytes that come (Go's body.Close waits for its Read)
        while sent < BODY_BYTES - PIECE_BYTES and not select([client], [], [], PIECE_SECONDS)[0]:
            client.sendall(b" " * PIECE_BYTES)
            sent += PIECE_BYTES
        line = client.makefile("rb").readline()

    assert line.startswith(b"HTTP/1.1 401 ")
    assert sent < BODY_BYTES / 2


def test_a_sleeping_version_wakes_for_those_with_a_key_and_refuses_the_others(keyed):
    host = keyed.host("ksvc", "digits-v1")
    keyed.await_sleep("digits-v1")

    assert keyed.ask(host).status == 401
    keyed.await_sleep("digits-v1")
    assert keyed.ask(host, **bearer(NEW_KEY)).right


def test_probes_are_answered_and_nothing_else_is(keyed, host):
    def get(path):
        return keyed.http.request("GET", keyed.gateway + path, headers={"Host": host}, retries=False).status

    assert [get(path) for path in ("/v2/health/ready", "/v2", "/openapi.json", "/cold-start")] == [200, 401, 401, 401]


def test_the_command_shows_the_key_and_nobody_sees_it(keyed, host):
    key, request = keyed.folder / "api-key", keyed.folder / "request.json"
    key.write_text(NEW_KEY)
    request.write_bytes(SAMPLE)
    asked = ["predict", "digits", "--url", keyed.gateway, "--host", host, "--input", f"@{request}"]

    done = keyed.poorwill(*asked, "--token-file", key)

    assert "label" in done.stdout
    assert NEW_KEY not in done.stdout + done.stderr + keyed.poorwill("logs", "digits@1").stdout
    assert "Authorization" in keyed.poorwill(*asked, code=77).stderr


def test_a_version_that_would_let_in_everybody_by_mistake_does_not_get_ready(keyed):
    keyed.kubectl("create", "secret", "generic", "poorwill-no-keys", "--from-literal=POORWILL_API_KEYS=")

    def without_keys(service):
        component("api-keys")(service)
        for variable in service["spec"]["template"]["spec"]["containers"][0]["env"]:
            if variable["name"] == "POORWILL_API_KEYS":
                variable["valueFrom"]["secretKeyRef"]["name"] = "poorwill-no-keys"

    quick = {"serving.knative.dev/progress-deadline": "30s"}
    done = keyed.deploy("digits@2", "--timeout", "90", code=78, edit=without_keys, **quick)

    assert "--api-keys" in done.stderr
    keyed.kubectl("delete", "ksvc", "digits-v2")


@pytest.fixture(scope="module")
def issuer(keyed):
    given = {
        "POORWILL_JWT_ISSUER": ISSUER,
        "POORWILL_JWT_AUDIENCE": AUDIENCE,
        "POORWILL_JWT_SUBJECTS": "ci",
        "POORWILL_JWKS": jwks(public("ES256", "k1")).decode(),
    }
    literals = [f"--from-literal={name}={value}" for name, value in given.items()]
    keyed.kubectl("create", "configmap", "poorwill-jwt", *literals)


def test_a_token_of_the_issuer_lets_in_and_another_does_not(keyed, issuer):
    keyed.deploy("digits@2", edit=component("jwt"))
    host = keyed.host("ksvc", "digits-v2")

    assert keyed.ask(host, **bearer(token())).right
    asked = [{}, bearer(NEW_KEY), bearer(token(which="another")), bearer(token(aud="others")), bearer(token(exp=1))]
    assert [keyed.ask(host, **each).status for each in asked] == [401] * 5
    assert keyed.ask(host, **bearer(token(sub="somebody"))).status == 403


def test_with_both_a_key_lets_in_and_so_does_a_token(keyed, issuer):
    keyed.deploy("digits@2", edit=component("both"))
    host = keyed.host("ksvc", "digits-v2")

    assert keyed.ask(host, **bearer(NEW_KEY)).right
    assert keyed.ask(host, **bearer(token())).right
    assert [keyed.ask(host, **each).status for each in ({}, bearer("wrong"), bearer(token(exp=1)))] == [401] * 3


def test_a_key_that_was_taken_out_lets_nobody_in_once_the_pods_are_new(keyed):
    host = keyed.host("ksvc", "digits-v1")
    assert keyed.ask(host, **bearer(OLD_KEY)).right
    literal = f"--from-literal=POORWILL_API_KEYS=new=sha256:{sha256(NEW_KEY.encode()).hexdigest()}"
    made = ["create", "secret", "generic", "poorwill-api-keys", literal, "--dry-run=client", "-o", "yaml"]

    keyed.kubectl("replace", "-f", "-", stdin=keyed.kubectl(*made).stdout)
    keyed.kubectl("delete", "pod", "-l", "app.kubernetes.io/component=predictor")

    assert keyed.ask(host, **bearer(OLD_KEY)).status == 401
    assert keyed.ask(host, **bearer(NEW_KEY)).right
