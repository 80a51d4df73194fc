"""Aliases, which move, and removal, which is refused while one points at the version.

Both write first and look at the other's side after, so of two at once at least one sees the other and steps back.
"""

from contextlib import suppress

import msgspec

from poorwill.errors import ConflictError, Fault, NotFoundError
from poorwill.registry.index import update_index
from poorwill.registry.keys import alias_key, aliases_prefix, parse_alias_key, version_key
from poorwill.registry.lookup import decode_record, find_version
from poorwill.registry.names import check_alias, check_model_name
from poorwill.registry.records import Alias, VersionName, VersionRecord, encode_record
from poorwill.store.port import ObjectStore
from poorwill.telemetry import now

_NOWHERE = 0
"""The version of an alias that was taken back; it reads like one that was never made."""


def read_aliases(store: ObjectStore, model: str) -> dict[str, int]:
    """Return the version numbers of a model by alias."""
    names = [name for entry in store.list(aliases_prefix(model)) if (name := parse_alias_key(entry.key))]
    found = {name: _read(store, model, name)[0] for name in sorted(names)}
    return {name: version for name, version in found.items() if version != _NOWHERE}


def move_alias(store: ObjectStore, model: str, alias: str, version: int, *, expected: int | None = None) -> None:
    """Point an alias at a version.

    Args:
        store: to write to.
        model: of both.
        alias: a new or an old one.
        version: a live one.
        expected: where it must point now, 0 for nowhere; None for anywhere.

    Raises:
        ConflictError: it points elsewhere than expected, was moved meanwhile, or the version was removed meanwhile.
        NotFoundError: no such version.
    """
    check_model_name(model)
    check_alias(alias)
    _live(store, model, version)
    before, etag = _read(store, model, alias)
    if expected is not None and before != expected:
        raise _conflict(f"version {expected}", f"version {before}")
    etag = _write(store, Alias(model, alias, version, now()), etag)
    try:
        _live(store, model, version)
    except NotFoundError:
        _step_back(store, Alias(model, alias, before, now()), etag)
        raise _conflict("a version that is kept", "one that was removed meanwhile") from None


def remove_version(store: ObjectStore, model: str, version: int) -> None:
    """Leave a tombstone in the record's place: the number is never given again, and `gc` may have the blobs.

    Raises:
        ConflictError: an alias points at it, or it was removed meanwhile.
        NotFoundError: no such version.
    """
    check_model_name(model)
    record, etag = _live(store, model, version)
    _refuse_aliased(store, record)
    key = version_key(model, version)
    tombstone = msgspec.structs.replace(record, state="removed")
    etag = store.put_if_match(key, encode_record(tombstone), etag)
    try:
        _refuse_aliased(store, record)
    except ConflictError:
        store.put_if_match(key, encode_record(record), etag)
        raise
    update_index(store, model, [tombstone])


def _live(store: ObjectStore, model: str, version: int) -> tuple[VersionRecord, str]:
    """Return a record and its tag, read at once; raise NotFoundError where there is none, or a tombstone."""
    tags = []

    def get(key: str) -> bytes:
        found = store.get(key)
        tags.append(found.etag)
        return found.data

    return find_version(get, VersionName(model, version, None)), tags[-1]


def _refuse_aliased(store: ObjectStore, record: VersionRecord) -> None:
    names = [name for name, version in read_aliases(store, record.model).items() if version == record.version]
    if names:
        advice = f"move it first: poorwill alias {record.model} {names[0]} <another version>"
        raise ConflictError(Fault(record.name, "no alias on it", ", ".join(names), advice))


def _read(store: ObjectStore, model: str, alias: str) -> tuple[int, str | None]:
    """Return where an alias points, and the tag of what says so."""
    try:
        found = store.get(alias_key(model, alias))
    except NotFoundError:
        return _NOWHERE, None
    return aliased_version(found.data), found.etag


def aliased_version(data: bytes) -> int:
    """Return where an alias's record points; 0, which is no version, for one that was taken back."""
    return decode_record(data, Alias).version


def _write(store: ObjectStore, alias: Alias, etag: str | None) -> str:
    key, data = alias_key(alias.model, alias.alias), encode_record(alias)
    try:
        return store.put_if_match(key, data, etag) if etag else store.put_if_absent(key, data)
    except ConflictError:
        raise _conflict("the alias as it was read", "one that was moved meanwhile") from None


def _step_back(store: ObjectStore, before: Alias, etag: str) -> None:
    """Point the alias where it pointed, or nowhere if that version was removed too."""
    with suppress(ConflictError):  # moved on by somebody else, who looks at the version as well
        etag = _write(store, before, etag)
        try:
            if before.version != _NOWHERE:
                _live(store, before.model, before.version)
        except NotFoundError:
            _write(store, msgspec.structs.replace(before, version=_NOWHERE), etag)


def _conflict(wanted: str, found: str) -> ConflictError:
    return ConflictError(Fault("alias", wanted, found, "look with `poorwill versions`, then repeat"))
