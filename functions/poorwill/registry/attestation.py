"""What a version's provenance says, and whether it may be believed: statement, subject and signature."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from poorwill.errors import CorruptError, DeniedError, Fault
from poorwill.registry.dsse import opened
from poorwill.registry.keys import blob_key
from poorwill.registry.records import BlobRef, VersionRecord

if TYPE_CHECKING:
    from poorwill.registry.signing import PublicKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://slsa.dev/provenance/v1"
BUILD_TYPE = "https://poorwill.dev/pipeline/v1"
"""What externalParameters and internalParameters mean: docs/provenance.md."""
_TYPES = STATEMENT_TYPE, PREDICATE_TYPE, BUILD_TYPE

Fetch = Callable[[BlobRef], bytes]
"""A blob's bytes, verified."""


class _Digest(msgspec.Struct, frozen=True):
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class Part(msgspec.Struct, frozen=True):
    """What a statement names by its digest."""

    name: str
    sha256: _Digest = msgspec.field(name="digest")

    @property
    def digest(self) -> str:
        """Return the digest as records have it, sha256:<hex>."""
        return f"sha256:{self.sha256.sha256}"


class _External(msgspec.Struct, frozen=True):
    model: str
    percent: Annotated[float, msgspec.Meta(ge=0, le=100)] = 0  # protobuf's JSON has no other numbers


class _Build(msgspec.Struct, frozen=True, rename="camel"):
    build_type: str
    external_parameters: _External
    resolved_dependencies: tuple[Part, ...] = ()


class _Details(msgspec.Struct, frozen=True):
    byproducts: tuple[Part, ...] = ()


class _Predicate(msgspec.Struct, frozen=True, rename="camel"):
    build_definition: _Build
    run_details: _Details


class _Statement(msgspec.Struct, frozen=True, rename="camel"):
    """Of a statement what is acted on; the rest is for readers."""

    predicate_type: str
    subject: tuple[Part, ...]
    predicate: _Predicate
    type: str = msgspec.field(name="_type")

    @property
    def types(self) -> tuple[str, str, str]:
        return self.type, self.predicate_type, self.predicate.build_definition.build_type


class Attested(msgspec.Struct, frozen=True):
    """A version's statement, and who signed it."""

    statement: dict[str, Any]
    percent: int  # of traffic that it grants
    dependencies: tuple[Part, ...]
    byproducts: tuple[Part, ...]
    keyid: str  # of the trusted key; "" where none has signed it


def attested(record: VersionRecord, fetch: Fetch, trusted: Sequence["PublicKey"] = ()) -> Attested | None:
    """Return what is stated of a version, None where nothing is.

    Raises:
        CorruptError: it is stated of other bytes or another model, or it is no provenance of a pipeline's run.
    """
    if record.provenance is None or record.provenance.statement is None:
        return None
    envelope = opened(fetch(record.provenance.statement), trusted)
    try:
        read = msgspec.json.decode(envelope.payload, type=_Statement)
        statement = msgspec.json.decode(envelope.payload, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise _no_statement("other bytes") from None
    # the key may sign much else, a test's result say, which grants nothing
    if envelope.payload_type != PAYLOAD_TYPE or read.types != _TYPES:
        raise _no_statement("another statement")
    build = read.predicate.build_definition
    if {(part.name, part.digest) for part in read.subject} != _subjects(record):
        found = "one of other bytes"
        raise CorruptError(Fault("provenance", f"a statement of {record.name}'s own bytes", found, "register it anew"))
    if build.external_parameters.model != record.model:
        found = "one of another model"
        raise CorruptError(Fault("provenance", f"a statement of the model {record.model}", found, "register it anew"))
    return Attested(
        statement,
        percent=int(build.external_parameters.percent),
        dependencies=build.resolved_dependencies,
        byproducts=read.predicate.run_details.byproducts,
        keyid=envelope.keyid,
    )


def _subjects(record: VersionRecord) -> set[tuple[str, str]]:
    """Return what a statement of a version has to be about: the model and what belongs to it."""
    return {(blob.name, blob.digest) for blob in (record.blob, *record.external_data)}


def _no_statement(found: str) -> CorruptError:
    wanted = "an in-toto statement with SLSA's provenance of a pipeline's run"
    return CorruptError(Fault("provenance", wanted, found, "register the version anew"))


def demand_signature(record: VersionRecord, fetch: Fetch, trusted_keys: str) -> Attested:
    """Return what is stated of a version that a trusted key has signed.

    Args:
        record: of the version.
        fetch: gets the envelope.
        trusted_keys: the file or folder of public keys.

    Raises:
        UsageError: there are no such keys.
        DeniedError: the version is not signed, or by nobody who is trusted.
        CorruptError: it is signed for other bytes or another model, or what is signed is no provenance.
    """
    from poorwill.registry.signing import read_trusted_keys  # cryptography costs 50 ms to import

    found = attested(record, fetch, read_trusted_keys(Path(trusted_keys)))
    if found is None or not found.keyid:
        words = "no signature" if found is None else "no signature of such a key"
        advice = "register it by a pipeline with POORWILL_SIGNING_KEY_FILE, or trust the key that signed it"
        raise DeniedError(Fault(record.name, "one signed by a trusted key", words, advice))
    return found


def blob_fetch(get: Callable[[str, str, int], bytes]) -> Fetch:
    """Return a Fetch of a reader's own `fetch`."""
    return lambda blob: get(blob_key(blob.digest), blob.digest, blob.size_bytes)
