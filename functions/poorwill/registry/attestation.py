"""What a version's provenance says, and whether it may be believed: statement, subject and signature."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from poorwill.errors import CorruptError, DeniedError, Fault
from poorwill.registry.dsse import opened
from poorwill.registry.keys import blob_key
from poorwill.registry.records import BlobRef, VersionRecord

if TYPE_CHECKING:
    from poorwill.registry.signing import PublicKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"

Fetch = Callable[[BlobRef], bytes]
"""A blob's bytes, verified."""


class Attested(msgspec.Struct, frozen=True):
    """A version's statement, and who signed it."""

    statement: dict[str, Any]
    keyid: str  # of the trusted key; "" where none has signed it


def attested(record: VersionRecord, fetch: Fetch, trusted: Sequence["PublicKey"] = ()) -> Attested | None:
    """Return what is stated of a version, None where nothing is.

    Raises:
        CorruptError: it is stated of other bytes, or it is no statement.
    """
    if record.provenance is None or record.provenance.statement is None:
        return None
    envelope = opened(fetch(record.provenance.statement), trusted)
    try:
        statement = msgspec.json.decode(envelope.payload, type=dict[str, Any])
    except msgspec.MsgspecError:
        statement = {}
    if envelope.payload_type != PAYLOAD_TYPE or statement.get("_type") != STATEMENT_TYPE:
        raise CorruptError(Fault("provenance", "an in-toto statement, version 1", "another", "register it anew"))
    if subjects(statement) != subjects_of(record):
        found = "one of other bytes"
        raise CorruptError(Fault("provenance", f"a statement of {record.name}'s own bytes", found, "register it anew"))
    return Attested(statement, envelope.keyid)


def subjects(statement: dict[str, Any]) -> set[tuple[str, str]]:
    """Return what a statement is about: names and digests, sha256:<hex>."""
    found = statement.get("subject")
    if not isinstance(found, list):
        return set()
    return {(str(item.get("name")), f"sha256:{item.get('digest', {}).get('sha256')}") for item in found}


def subjects_of(record: VersionRecord) -> set[tuple[str, str]]:
    """Return what a statement of a version has to be about: the model and what belongs to it."""
    return {(blob.name, blob.digest) for blob in (record.blob, *record.external_data)}


def demand_signature(record: VersionRecord, fetch: Fetch, trusted_keys: str) -> Attested:
    """Return what is stated of a version that a trusted key has signed.

    Args:
        record: of the version.
        fetch: gets the envelope.
        trusted_keys: the file or folder of public keys.

    Raises:
        UsageError: there are no such keys.
        DeniedError: the version is not signed, or by nobody who is trusted.
        CorruptError: it is signed for other bytes.
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
