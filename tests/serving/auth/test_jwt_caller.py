"""A JWT is believed for what its issuer's public key says of it, and for nothing else."""

import base64
import hmac
import json
import time
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from poorwill.errors import DeniedError, PoorwillError, UnauthenticatedError, UsageError
from poorwill.serving.auth.jwt_caller import JwtCaller, Rules, parse_keys
from poorwill.serving.auth.key_set import KeySet
from tests.serving.auth.issuer import AUDIENCE, ISSUER, jwks, private_key, public, token

KINDS = ["RS256", "ES256", "EdDSA"]
PUBLISHED = jwks(*(public(kind, f"k-{kind}") for kind in KINDS), public("ES256", "k1"))


def judge(published=PUBLISHED, **rules):
    keys = KeySet(lambda: published, parse_keys, spawn=lambda read: read())
    return JwtCaller(keys, Rules(ISSUER, AUDIENCE, **rules))


def part(document):
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_token_of_each_allowed_algorithm_is_believed(kind):
    assert judge()(token(kind, key_id=f"k-{kind}")) == ("ci", "jwt")


@pytest.mark.parametrize(
    ("words", "bad"),
    [
        ("expired", {"exp": time.time() - 60}),
        ("not valid yet", {"nbf": time.time() + 86_400}),  # of when the tests were collected, so not a few minutes
        ("another audience", {"aud": "others"}),
        ("another issuer", {"iss": "https://other.example"}),
        ("without", {"without": ("exp",)}),
        ("without", {"without": ("aud",)}),
        ("without", {"without": ("iss",)}),
        ("without", {"without": ("sub",)}),
        ("signature", {"which": "another"}),
        ("unknown key", {"key_id": "k9"}),
    ],
)
def test_a_token_that_lacks_anything_is_refused_with_the_reason(words, bad):
    with pytest.raises(UnauthenticatedError) as caught:
        judge()(token(**bad))

    assert words in str(caught.value)
    assert 'error="invalid_token"' in caught.value.challenge


def test_the_clocks_may_differ_by_the_leeway():
    assert judge(leeway_seconds=120)(token(exp=time.time() - 60))


def test_a_public_key_used_as_a_shared_secret_signs_nothing():
    pem = (
        private_key("RS256")
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ci", "exp": time.time() + 600}
    signed = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'k-RS256'})}.{part(claims)}"
    forged = hmac.new(pem, signed.encode(), sha256).digest()

    for signature in (base64.urlsafe_b64encode(forged).rstrip(b"=").decode(), ""):
        with pytest.raises(UnauthenticatedError):
            judge()(f"{signed}.{signature}")


def test_a_token_of_no_algorithm_is_refused():
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ci", "exp": time.time() + 600}

    with pytest.raises(UnauthenticatedError):
        judge()(f"{part({'alg': 'none', 'kid': 'k1'})}.{part(claims)}.")


def test_a_subject_that_is_not_listed_is_known_but_not_let_in():
    listed = judge(subjects=frozenset({"ci"}))

    assert listed(token())
    with pytest.raises(DeniedError):
        listed(token(sub="somebody"))


def test_a_believed_token_expires_in_time():
    now = [time.time()]
    keys = KeySet(lambda: PUBLISHED, parse_keys)
    caller = JwtCaller(keys, Rules(ISSUER, AUDIENCE, leeway_seconds=0), clock=lambda: now[0])
    short = token(exp=time.time() + 1)
    assert caller(short)

    now[0] += 2
    caller._claims = _expired

    with pytest.raises(UnauthenticatedError):
        caller(short)


def _expired(_):
    raise UnauthenticatedError


def test_a_token_of_a_key_that_was_withdrawn_is_not_believed_any_more():
    now, published = [0.0], [jwks(public("ES256", "k1"), public("ES256", "k2", "other"))]
    keys = KeySet(lambda: published[0], parse_keys, clock=lambda: now[0], spawn=lambda read: read())
    caller = JwtCaller(keys, Rules(ISSUER, AUDIENCE))
    assert caller(token())

    published[0] = jwks(public("ES256", "k2", "other"))
    now[0] = 301
    assert caller(token(key_id="k2", which="other"))

    with pytest.raises(UnauthenticatedError):
        caller(token())


def test_a_withdrawn_key_lets_nobody_in_even_where_no_other_token_comes():
    now, published = [0.0], [jwks(public("ES256", "k1"), public("ES256", "k2", "other"))]
    keys = KeySet(lambda: published[0], parse_keys, clock=lambda: now[0], spawn=lambda read: read())
    caller = JwtCaller(keys, Rules(ISSUER, AUDIENCE))
    shown = token()
    assert caller(shown)

    published[0] = jwks(public("ES256", "k2", "other"))
    now[0] = 301

    with pytest.raises(UnauthenticatedError):
        caller(shown)


def test_what_is_no_token_is_left_to_others():
    assert judge()("an-api-key") is None


@given(text=st.text(st.characters(max_codepoint=255, exclude_characters="."), max_size=40), raw=st.binary(max_size=60))
def test_nothing_that_is_sent_gets_in_or_breaks_it(text, raw):
    encoded = base64.urlsafe_b64encode(raw).decode()
    listed = judge()

    for credential in (f"{text}.e30.", f"{encoded}.e30.AAAA", f"{part({'alg': [1]})}.{encoded}.AA"):
        with pytest.raises(PoorwillError):
            listed(credential)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"keys": 1}',
        b'{"keys": [1, {}, {"kty": "oct", "k": "AAAA", "kid": "a"}]}',
        jwks(public("ES256", "k1", use="enc")),
        jwks(public("ES256", "k1", d="AAAA")),
        jwks(public("RS256", "k1", alg="RS512")),
    ],
)
def test_keys_that_nobody_should_verify_by_are_none(content):
    with pytest.raises(UsageError):
        parse_keys(content)
