"""From data to a version and where it serves: what a version's record, its run and its statement tell together."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from poorwill.errors import CorruptError, NotFoundError
from poorwill.pipeline.run_document import run_document
from poorwill.registry.attestation import Attested, Part, attested, blob_fetch
from poorwill.registry.blob_files import stored_digest
from poorwill.registry.records import VersionRecord
from poorwill.registry.verify import Damage
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
    except (CorruptError, NotFoundError) as error:
        for fault in error.faults:
            yield Damage(record.name, fault.where, fault.wanted, fault.found)
        return
    for part in _stored(found) if found else ():
        stored = stored_digest(store, part.digest)
        if stored != part.digest:
            yield Damage(record.name, f"provenance, {part.name}", part.digest, stored)
    if trusted and not (found and found.keyid):
        yield Damage(record.name, "provenance", "a signature of a trusted key", "none")


def _stored(found: Attested) -> tuple[Part, ...]:
    """Return what a statement says the store holds: data, spec, reports; code it does not."""
    return tuple(part for part in (*found.dependencies, *found.byproducts) if part.name != "code")


def _signature(found: Attested | None, trusted: "tuple[PublicKey, ...]") -> str:
    if found is None:
        return "nothing is stated of it"
    if found.keyid:
        return f"signed by {found.keyid[:16]}"
    return "not signed by a key that is trusted here" if trusted else "not looked at: no keys were named"
