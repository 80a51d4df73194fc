"""Who is not let in is told so by the head of the request alone."""

from hashlib import sha256

import pytest

from poorwill.errors import DeniedError, UnauthenticatedError, UsageError
from poorwill.serving.auth.gate import open_gate
from poorwill.settings import read
from poorwill.telemetry import Log
from tests.serving.auth.issuer import AUDIENCE, ISSUER, jwks, public, token

KEY = "k" * 43
KEYS = {"api_keys": f"ci=sha256:{sha256(KEY.encode()).hexdigest()}"}
TOKENS = {"jwt_issuer": ISSUER, "jwt_audience": AUDIENCE, "jwks": jwks(public("ES256", "k1")).decode()}


def gate(**flags):
    return open_gate(read({}, flags), Log(ratio=0))


def refused(opened, path="/v2", method="POST", **headers):
    found = opened.refusal(method, path, {name.replace("_", "-"): value for name, value in headers.items()})
    return found and type(found)


def test_nothing_configured_is_no_gate():
    assert gate() is None


@pytest.mark.parametrize(
    "headers", [{"authorization": f"Bearer {KEY}"}, {"authorization": f"bearer  {KEY}"}, {"x_api_key": KEY}]
)
def test_a_key_is_shown_as_bearer_or_as_x_api_key(headers):
    assert refused(gate(**KEYS), **headers) is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": "Bearer wrong"},
        {"authorization": f"Basic {KEY}"},
        {"authorization": KEY},
        {"authorization": f"Bearer {KEY}, Bearer {KEY}"},
        {"x_api_key": "\xff"},
        {"x_api_key": KEYS["api_keys"]},
    ],
    ids=str,
)  # fmt: skip
def test_anything_else_is_not(headers):
    assert refused(gate(**KEYS), **headers) is UnauthenticatedError


def test_probes_need_no_credential_but_nothing_passes_for_one():
    opened = gate(**KEYS)

    assert refused(opened, "/v2/health/ready", "GET") is None
    assert refused(opened, "/v2/health/live", "HEAD", content_length="0") is None
    assert refused(opened, "/v2/health/ready", "POST") is UnauthenticatedError
    assert refused(opened, "/v2/health/ready", "GET", content_length="9") is UnauthenticatedError
    assert refused(opened, "/v2/health/ready", "GET", transfer_encoding="chunked") is UnauthenticatedError
    assert refused(opened, "/v2/health/ready/", "GET") is UnauthenticatedError
    assert refused(opened, "/v2", "GET", k_network_probe="queue") is UnauthenticatedError
    assert refused(opened, "/v2", "GET", user_agent="kube-probe/1.35") is UnauthenticatedError


def test_either_credential_will_do_where_both_are_configured():
    opened = gate(**KEYS, **TOKENS)

    assert refused(opened, authorization=f"Bearer {KEY}") is None
    assert refused(opened, authorization=f"Bearer {token()}") is None
    assert refused(opened, authorization=f"Bearer {token(aud='x')}") is UnauthenticatedError


def test_a_valid_caller_who_is_not_let_in_is_told_so():
    opened = gate(**TOKENS, jwt_subjects="deployer, ci")

    assert refused(opened, authorization=f"Bearer {token()}") is None
    assert refused(opened, authorization=f"Bearer {token(sub='x')}") is DeniedError


def test_a_check_that_breaks_lets_nobody_in():
    opened = gate(**KEYS)
    opened._checks = (lambda _: 1 / 0,)

    assert refused(opened, authorization=f"Bearer {KEY}") is UnauthenticatedError


@pytest.mark.parametrize(
    "flags",
    [
        {"authentication": "api-keys"},
        {"authentication": "jwt"},
        {"authentication": "basic"},
        {"authentication": "jwt", **KEYS},
        {"authentication": "api-keys,jwt", **KEYS},
        {"jwt_issuer": ISSUER},
        {"jwks": TOKENS["jwks"]},
        {**TOKENS, "jwt_audience": ""},
        {"api_keys": "ci=secret-itself"},
    ],
    ids="-".join,  # not the values: each worker has keys of its own
)
def test_half_a_configuration_is_refused_rather_than_open(flags):
    with pytest.raises(UsageError) as caught:
        gate(**flags)

    assert "secret-itself" not in str(caught.value)


def test_no_refusal_says_anything_of_what_was_shown():
    opened = gate(**KEYS, **TOKENS)
    shown = token(aud="x")

    for credential in (shown, "a-wrong-key"):
        error = opened.refusal("POST", "/v2", {"authorization": f"Bearer {credential}"})
        assert credential not in str(error) + error.challenge
