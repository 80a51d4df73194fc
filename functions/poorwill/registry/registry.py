"""The registry: what can be done with models, versions and aliases in a store."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from poorwill.errors import Fault, NotFoundError
from poorwill.registry.aliases import move_alias, read_aliases, remove_version
from poorwill.registry.attestation import Attested, blob_fetch, demand_signature
from poorwill.registry.gc import GRACE_SECONDS, Collected, collect_garbage
from poorwill.registry.index import IndexEntry, indexed_versions
from poorwill.registry.keys import MODELS, parse_index_key, parse_version_key
from poorwill.registry.listing import listed_models
from poorwill.registry.lookup import find_version
from poorwill.registry.names import check_model_name
from poorwill.registry.pack_store import KeptPack, Packed, kept_packs
from poorwill.registry.push import Claim, Pushed, Sample, push_version
from poorwill.registry.pushed import is_of
from poorwill.registry.records import VersionName, VersionRecord
from poorwill.registry.verify import Damage, Verified, verify_versions, version_damages
from poorwill.store.port import ObjectStore
from poorwill.store.reader import Reader

if TYPE_CHECKING:
    from poorwill.registry.warmup import Decode


class ModelSummary(NamedTuple):
    """One model, as a list shows it."""

    model: str
    versions: tuple[IndexEntry, ...]  # live ones
    aliases: dict[str, int]


class Registry:
    """Models in one store; any number of registries may work on it at once.

    Every method raises UnavailableError when the store is away, and UsageError for a name that no model can have.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def push(
        self, file: Path, name: str, *, sample: Sample | None = None, claim: Claim | None = None, pack: bool = False
    ) -> Pushed:
        """Store a model file as the next version; see push_version."""
        return push_version(self._store, file, name, sample=sample, claim=claim, pack=pack)

    def pushed(self, file: Path, name: str, sample: bytes | None = None) -> VersionRecord | None:
        """Return a model's newest version if it is of this very file and sample; None where it has to be pushed."""
        versions = _live(indexed_versions(self._store, check_model_name(name)))
        if not versions:
            return None
        record = self.resolve(VersionName(name, versions[-1].version, None))
        return record if is_of(record, file, sample) else None

    def pack(self, record: VersionRecord, decode: "Decode") -> Packed:
        """Make a version's start pack for this machine; see pack_version."""
        from poorwill.registry.packing import pack_version  # onnxruntime with it

        return pack_version(self._store, record, decode)

    def packs(self, record: VersionRecord) -> tuple[KeptPack, ...]:
        """Return a version's start packs, of any machine."""
        return kept_packs(self._store, record)

    def models(self) -> list[ModelSummary]:
        """Return all models that have a version."""
        return [
            ModelSummary(model, versions, aliases)
            for model, entries, aliases in listed_models(self._store)
            if (versions := _live(entries))
        ]

    def versions(self, name: str) -> ModelSummary:
        """Return a model's versions and aliases; raise NotFoundError where it has none."""
        summary = self._summary(check_model_name(name))
        if not summary.versions:
            advice = "`poorwill models` lists what there is"
            raise NotFoundError(Fault("model", "a model in the store", "none of that name", advice))
        return summary

    def resolve(self, name: VersionName) -> VersionRecord:
        """Return the record that a name means now; raise NotFoundError, or CorruptError."""
        return find_version(lambda key: self._store.get(key).data, name)

    def alias(self, name: str, alias: str, version: int, *, expected: int | None = None) -> None:
        """Point an alias at a version; see move_alias."""
        move_alias(self._store, name, alias, version, expected=expected)

    def remove(self, name: str, version: int) -> None:
        """Remove a version, never its number; see remove_version."""
        remove_version(self._store, name, version)

    def verify(self, name: str = "") -> Verified:
        """Check every blob of one model, or of all; raise NotFoundError for one that has no versions."""
        return verify_versions(self._store, [self.versions(name).model] if name else self._names())

    def damages(self, record: VersionRecord) -> tuple[Damage, ...]:
        """Return the blobs of one version that are not as they were stored."""
        return version_damages(self._store, record)

    def signed(self, record: VersionRecord, trusted_keys: str) -> Attested:
        """Return what is stated of a version that one of the keys of a file or folder signed; see demand_signature."""
        return demand_signature(record, blob_fetch(Reader(self._store.stream).fetch), trusted_keys)

    def gc(self, *, grace_seconds: float = GRACE_SECONDS) -> Collected:
        """Delete blobs that no version names; see collect_garbage."""
        return collect_garbage(self._store, grace_seconds=grace_seconds)

    def _names(self) -> list[str]:
        return sorted({name for entry in self._store.list(MODELS) if (name := _model_of(entry.key))})

    def _summary(self, name: str) -> ModelSummary:
        return ModelSummary(name, _live(indexed_versions(self._store, name)), read_aliases(self._store, name))


def _live(entries: Iterable[IndexEntry]) -> tuple[IndexEntry, ...]:
    return tuple(entry for entry in entries if entry.state == "live")


def _model_of(key: str) -> str | None:
    version = parse_version_key(key)
    return version[0] if version else parse_index_key(key)
