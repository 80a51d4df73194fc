"""What is stated of a version is believed only if it is provenance of its own bytes and its own model."""

import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from poorwill.errors import CorruptError
from poorwill.registry.attestation import PAYLOAD_TYPE, attested
from poorwill.registry.dsse import sealed
from poorwill.registry.records import BlobRef, Provenance, Signature, VersionRecord

# written by in-toto-attestation, every field set; see test_dsse_vectors.py
WRITTEN = json.loads(Path(__file__).with_name("dsse_vectors.json").read_text(encoding="utf-8"))["envelopes"][-1]
STATEMENT = json.loads(b64decode(WRITTEN["payload"]))
MODEL = BlobRef("model.onnx", f"sha256:{sha256(b'model').hexdigest()}", len(b"model"))
ENVELOPE = BlobRef("provenance.json", f"sha256:{'0' * 64}", 1)
RECORD = VersionRecord(
    model="line",
    version=1,
    created="2026-11-28T12:00:00Z",
    blob=MODEL,
    signature=Signature((), ()),
    provenance=Provenance(key=f"sha256:{'1' * 64}", pipeline="line", run="line-1", statement=ENVELOPE),
)


def read(statement, record=RECORD, payload_type=PAYLOAD_TYPE):
    envelope = sealed(json.dumps(statement).encode(), payload_type, None)
    return attested(record, lambda _: envelope)


def changed(path, value):
    """Return the statement with another value at a path."""
    statement = json.loads(json.dumps(STATEMENT))
    *way, last = path.split("/")
    at = statement
    for step in way:
        at = at[step]
    at[last] = value
    return statement


def test_a_statement_that_another_library_wrote_is_read():
    found = read(STATEMENT)

    assert (found.percent, found.statement) == (10, STATEMENT)
    assert [part.digest for part in found.dependencies] == [f"sha256:{sha256(b'data').hexdigest()}"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("_type", "https://in-toto.io/Statement/v0.1"),
        ("predicateType", "https://in-toto.io/attestation/test-result/v0.1"),
        ("predicate/buildDefinition/buildType", "https://example.com/another"),
        ("predicate/buildDefinition/externalParameters/model", "fraud"),
        ("predicate/buildDefinition/externalParameters/percent", 101),
        ("predicate/buildDefinition/resolvedDependencies", [{"name": "x", "digest": {"sha256": "../../runs/x"}}]),
        ("predicate/runDetails/byproducts", [{"name": "x"}]),
        ("predicate/runDetails", []),
        ("predicate", None),
        ("subject", []),
        ("subject", ["model.onnx"]),
        ("subject", [{"name": "model.onnx", "digest": {"sha256": "0" * 64}}]),
    ],
)
def test_a_statement_of_something_else_is_no_provenance_of_the_version(path, value):
    with pytest.raises(CorruptError):
        read(changed(path, value))


@pytest.mark.parametrize("statement", [None, [], "text", {}])
def test_what_is_no_statement_is_told(statement):
    with pytest.raises(CorruptError):
        read(statement)


def test_a_payload_of_another_type_is_no_statement():
    with pytest.raises(CorruptError):
        read(STATEMENT, payload_type="application/json")


def test_a_version_of_another_model_has_no_part_in_what_is_signed_for_this_one():
    with pytest.raises(CorruptError, match="another model"):
        read(STATEMENT, msgspec.structs.replace(RECORD, model="fraud"))


def test_of_a_version_that_was_pushed_by_hand_nothing_is_stated():
    assert read(STATEMENT, msgspec.structs.replace(RECORD, provenance=None)) is None
