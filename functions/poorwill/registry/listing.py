"""All models at once: one listing tells what there is, and what it names is read many at a time."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import NamedTuple

from poorwill.errors import NotFoundError
from poorwill.registry.aliases import aliased_version
from poorwill.registry.index import IndexEntry, completed, decoded_index
from poorwill.registry.keys import MODELS, alias_key, index_key, parse_model_key
from poorwill.store.port import ObjectStore

_AT_ONCE = 16  # reads: a bucket answers many as soon as one


class ListedModel(NamedTuple):
    """A model, its versions, removed ones too, and its aliases."""

    model: str
    versions: tuple[IndexEntry, ...]
    aliases: dict[str, int]


class _Keys(NamedTuple):
    """What a listing has of one model."""

    versions: set[int]
    aliases: set[str]


def listed_models(store: ObjectStore) -> Iterator[ListedModel]:
    """Yield all models of a store; an index that lags is completed from the records that the listing has."""
    models: dict[str, _Keys] = {}
    for entry in store.list(MODELS):
        if (parts := parse_model_key(entry.key)) is not None:
            keys = models.setdefault(parts.model, _Keys(set(), set()))
            if parts.version:
                keys.versions.add(parts.version)
            elif parts.alias:
                keys.aliases.add(parts.alias)
    wanted = chain.from_iterable(
        (index_key(model), *(alias_key(model, alias) for alias in keys.aliases)) for model, keys in models.items()
    )
    found = _read(store, tuple(wanted))
    for model, keys in sorted(models.items()):
        data = found.get(index_key(model))
        index = decoded_index(data, model) if data is not None else None
        aliases = {
            alias: version
            for alias in sorted(keys.aliases)
            if (record := found.get(alias_key(model, alias))) is not None and (version := aliased_version(record))
        }
        yield ListedModel(model, completed(store, model, index, sorted(keys.versions)), aliases)


def _read(store: ObjectStore, keys: tuple[str, ...]) -> dict[str, bytes]:
    """Return the bytes of those of the objects that are there."""

    def some(part: Iterable[str]) -> list[tuple[str, bytes]]:
        return [(key, data) for key in part if (data := _bytes(store, key)) is not None]

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(chain.from_iterable(pool.map(some, (keys[first::_AT_ONCE] for first in range(_AT_ONCE)))))


def _bytes(store: ObjectStore, key: str) -> bytes | None:
    try:
        return store.get(key).data
    except NotFoundError:  # gone since it was listed
        return None
