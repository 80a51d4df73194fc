"""Events without a token: only of versions that a trusted key has signed, for what their statements grant."""

import json
from contextlib import nullcontext

import msgspec
import pytest

from poorwill.delivery.deploy import DeployOptions
from poorwill.delivery.function.carrier import open_function
from poorwill.delivery.function.endpoint import Endpoint
from poorwill.delivery.function.registered import Ground as Connected
from poorwill.delivery.function.trust import Trust
from poorwill.delivery.manifests import version_of
from poorwill.delivery.split import spec_traffic
from poorwill.delivery.traffic import split_of
from poorwill.errors import UsageError
from poorwill.kinds.kind import ROUTE, SERVICE
from poorwill.registry.attestation import BUILD_TYPE, PAYLOAD_TYPE, PREDICATE_TYPE, STATEMENT_TYPE
from poorwill.registry.dsse import sealed
from poorwill.registry.push import Claim
from poorwill.registry.signing import new_key, read_signing_key
from poorwill.serving.auth.gate import Gate
from poorwill.serving.message import Request
from poorwill.telemetry import Log
from tests.delivery.conftest import DIGITS

GRANTED_PERCENT = 10
EVENT = {"specversion": "1.0", "id": "1", "source": "/pipelines", "type": "dev.poorwill.model.registered"}
HEADERS = {"content-type": "application/cloudevents+json"}


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    return {name: new_key(folder, name) for name in ("trusted", "other")}


@pytest.fixture(scope="module")
def told():
    """Keep the events that were answered, and their replies."""
    return []


@pytest.fixture(scope="module")
def endpoint(ground, keys, told):
    return Endpoint(
        Gate((), "a token"),
        lambda: nullcontext(Connected(ground.cluster, ground.registry)),
        trust=Trust(str(keys["trusted"].public)),
        options=DeployOptions(image=ground.image, usual_components=("sleeps-soon",)),
        log=Log(ratio=0),
        told=lambda event, reply: told.append((event, reply)),
    )


def push(ground, keys, signer, *, model="signed", digest=""):
    """Push a version whose statement a key has signed, and return its number."""
    digest = digest or json.loads(_record(ground, model))["blob"]["digest"]
    statement = {
        "_type": STATEMENT_TYPE,
        "predicateType": PREDICATE_TYPE,
        "subject": [{"name": "model.onnx", "digest": {"sha256": digest.removeprefix("sha256:")}}],
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {"model": model, "percent": GRANTED_PERCENT},
            },
            "runDetails": {},
        },
    }
    envelope = sealed(json.dumps(statement).encode(), PAYLOAD_TYPE, read_signing_key(keys[signer].private))
    claim = Claim(f"sha256:{ground.folder.stat().st_ino:x}{signer}{digest[-8:]}", "p", "p-0123456789abcdef", envelope)
    return ground.registry.push(DIGITS / "digits.onnx", model, claim=claim).record.version


def _record(ground, model):
    """Return the record of the same bytes, pushed by hand: version 1 of each model here."""
    return msgspec.json.encode(ground.registry.push(DIGITS / "digits.onnx", model).record)


def ask(endpoint, data, **headers):
    body = json.dumps(EVENT | {"data": data}).encode()
    head = HEADERS | headers
    return endpoint.refusal("POST", "/", head) or endpoint.answer(Request("POST", "/", head, body))


def test_a_signed_version_is_deployed_with_the_percent_that_its_statement_grants(ground, endpoint, keys):
    first = json.loads(_record(ground, "granted"))["version"]
    ground.deploy(f"granted@{first}")
    number = push(ground, keys, "trusted", model="granted")

    answer = ask(endpoint, {"model": "granted", "version": number, "percent": GRANTED_PERCENT})

    assert answer.status == 200, answer.body
    split = split_of("granted", spec_traffic(ground.cluster.get(ROUTE, "granted")))
    assert split.percent(number) == GRANTED_PERCENT


def test_the_reply_is_of_the_run_that_the_event_was_of_and_its_keeper_is_told(ground, endpoint, keys, told):
    number = push(ground, keys, "trusted", model="followed")
    told.clear()
    data = {"model": "followed", "version": number, "percent": 0}
    body = json.dumps(EVENT | {"data": data, "run": "p-0123456789abcdef", "pipeline": "p"}).encode()

    answer = endpoint.answer(Request("POST", "/", HEADERS, body))

    reply = json.loads(answer.body)
    assert (reply["run"], reply["pipeline"]) == ("p-0123456789abcdef", "p")
    ((event, own),) = told
    assert event.extensions["run"] == own.extensions["run"]
    assert json.loads(own.data)["version"] == number


def test_no_more_than_the_statement_grants_is_given(ground, endpoint, keys):
    number = push(ground, keys, "trusted", model="greedy")

    answer = ask(endpoint, {"model": "greedy", "version": number, "percent": GRANTED_PERCENT + 1})

    assert answer.status == 403
    assert [service for service in ground.cluster.list(SERVICE) if "greedy" in service["metadata"]["name"]] == []


@pytest.mark.parametrize("signer", ["", "other"])
def test_what_no_trusted_key_has_signed_is_not_deployed(ground, endpoint, keys, signer):
    model = f"unsigned{signer}"
    number = push(ground, keys, signer, model=model) if signer else json.loads(_record(ground, model))["version"]

    answer = ask(endpoint, {"model": model, "version": number})

    assert answer.status == 403
    assert [
        version_of(service) for service in ground.cluster.list(SERVICE) if model in service["metadata"]["name"]
    ] == []


def test_an_older_version_gets_no_traffic_by_an_event_that_comes_late(ground, endpoint, keys):
    older = push(ground, keys, "trusted", model="late")
    newer = json.loads(_record(ground, "late"))["version"]
    ground.deploy(f"late@{newer}")

    answer = ask(endpoint, {"model": "late", "version": older, "percent": GRANTED_PERCENT})

    assert answer.status == 200, answer.body
    assert split_of("late", spec_traffic(ground.cluster.get(ROUTE, "late"))).percent(older) == 0


def test_a_wrong_token_is_refused_and_so_is_every_other_verb(endpoint):
    assert ask(endpoint, {}, authorization="Bearer wrong").status == 401
    assert endpoint.refusal("POST", "/deploy", {}).status == 401
    assert endpoint.refusal("GET", "/status", {}).status == 401


def test_without_trusted_keys_a_token_is_always_wanted(ground):
    closed = Endpoint(Gate((), "a token"), nullcontext, trust=Trust(""), options=DeployOptions(), log=Log(ratio=0))

    assert closed.refusal("POST", "/", HEADERS).status == 401


def test_trusted_keys_are_enough_to_start_with_and_wrong_ones_keep_it_from_starting(keys, tmp_path):
    assert open_function({"POORWILL_TRUSTED_KEYS": str(keys["trusted"].public)})
    with pytest.raises(UsageError, match="POORWILL_TRUSTED_KEYS"):
        open_function({"POORWILL_TRUSTED_KEYS": str(tmp_path)})
