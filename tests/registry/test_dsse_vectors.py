"""Envelopes and statements beside those of others.

dsse_vectors.json holds what securesystemslib and in-toto-attestation wrote, and says how; Ed25519 signs the same bytes
in the same way, so that our signatures can be compared with theirs, too.
"""

import json
from base64 import b64decode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from poorwill.registry.attestation import PAYLOAD_TYPE
from poorwill.registry.dsse import opened, sealed
from poorwill.registry.signing import PublicKey, SigningKey

VECTORS = json.loads(Path(__file__).with_name("dsse_vectors.json").read_text(encoding="utf-8"))
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(VECTORS["seed"]))
SIGNS = SigningKey(VECTORS["keyid"], PRIVATE)
TRUSTED = PublicKey(VECTORS["keyid"], PRIVATE.public_key())

each = pytest.mark.parametrize("envelope", VECTORS["envelopes"], ids=lambda envelope: envelope["payloadType"])


def url_safe(text):
    return text.replace("+", "-").replace("/", "_")


@each
def test_anothers_envelope_is_opened_and_its_signature_found_good(envelope):
    found = opened(json.dumps(envelope).encode(), (TRUSTED,))

    assert found.payload == b64decode(envelope["payload"])
    assert (found.payload_type, found.keyid) == (envelope["payloadType"], VECTORS["keyid"])


@each
def test_ours_is_the_same_envelope(envelope):
    assert json.loads(sealed(b64decode(envelope["payload"]), envelope["payloadType"], SIGNS)) == envelope


@each
def test_the_url_safe_alphabet_is_read_too(envelope):
    (signature,) = envelope["signatures"]
    other = {
        "payload": url_safe(envelope["payload"]),
        "payloadType": envelope["payloadType"],
        "signatures": [{"sig": url_safe(signature["sig"])}],
        "unknown": "members are ignored",
    }

    assert opened(json.dumps(other).encode(), (TRUSTED,)).keyid == VECTORS["keyid"]


def test_the_vectors_need_both_alphabets_and_a_statement():
    written = json.dumps(VECTORS["envelopes"])

    assert "+" in written
    assert any("/" in envelope["signatures"][0]["sig"] for envelope in VECTORS["envelopes"])
    assert VECTORS["envelopes"][-1]["payloadType"] == PAYLOAD_TYPE
