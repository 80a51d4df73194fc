"""From data to a version and where it serves: what a version's record, its run and its statement tell together."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from poorwill.errors import CorruptError, Fault, NotFoundError
from poorwill.pipeline.run_document import run_document
from poorwill.registry.attestation import Attested, attested, blob_fetch
from poorwill.registry.records import VersionRecord
from poorwill.registry.verify import Damage, stored_digest
from poorwill.store.port import ObjectStore
from poorwill.store.reader import Reader

if TYPE_CHECKING:
    from poorwill.registry.signing import PublicKey


def lineage_document(
    store: ObjectStore,
    record: VersionRecord,
    trusted: "tuple[PublicKey, ...]" = (),
    serving: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return where a version came from, and where it serves.

    Args:
        store: of the version and its run.
        record: of the version.
        trusted: keys that a signature is looked for by.
        serving: its service and its part of the model's route, where a cluster was asked.

    Raises:
        CorruptError: its statement is of other bytes.
    """
    provenance = record.provenance
    run = None
    if provenance:
        try:
            run = run_document(store, provenance.run)
        except NotFoundError:  # its records were deleted; the statement still tells
            run = None
    found = attested(record, blob_fetch(Reader(store.stream).fetch), trusted)
    return {
        "version": record.name,
        "digest": record.blob.digest,
        "created": record.created,
        "run": run,
        "statement": found.statement if found else None,
        "signature": _signature(found, trusted),
        "serving": serving,
    }


def chain_damages(store: ObjectStore, record: VersionRecord, trusted: "tuple[PublicKey, ...]") -> Iterator[Damage]:
    """Yield what of a version's provenance does not hold: its statement, what that names, its signature.

    Args:
        store: of the version.
        record: of the version.
        trusted: keys of which one must have signed it; () asks for no signature.
    """
    try:
        found = attested(record, blob_fetch(Reader(store.stream).fetch), trusted)
        named = tuple(stated_digests(found.statement)) if found else ()
    except (CorruptError, NotFoundError) as error:
        for fault in error.faults:
            yield Damage(record.name, fault.where, fault.wanted, fault.found)
        return
    for name, digest in named:
        stored = stored_digest(store, digest)
        if stored != digest:
            yield Damage(record.name, f"provenance, {name}", digest, stored)
    if trusted and not (found and found.keyid):
        yield Damage(record.name, "provenance", "a signature of a trusted key", "none")


def stated_digests(statement: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield names and digests of what a statement says the store holds: data, spec, reports; code it does not."""
    predicate = statement.get("predicate", {})
    parts = predicate.get("buildDefinition", {}).get("resolvedDependencies", [])
    parts = [part for part in parts if part.get("name") != "code"]
    for part in (*parts, *predicate.get("runDetails", {}).get("byproducts", [])):
        digest = part.get("digest", {}).get("sha256")
        if not isinstance(digest, str):
            fault = Fault("provenance", "a SHA-256 digest of each part", "another", "register the version anew")
            raise CorruptError(fault)
        yield str(part.get("name")), f"sha256:{digest}"


def _signature(found: Attested | None, trusted: "tuple[PublicKey, ...]") -> str:
    if found is None:
        return "nothing is stated of it"
    if found.keyid:
        return f"signed by {found.keyid[:16]}"
    return "not signed by a key that is trusted here" if trusted else "not looked at: no keys were named"
