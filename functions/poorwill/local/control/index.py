"""Who belongs to whom, kept up from changes, so that no pass looks through all objects."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from poorwill.kinds.kind import (
    BROKER,
    CONFIGURATION,
    PING_SOURCE,
    PLACEHOLDER,
    REVISION,
    ROUTE,
    SEQUENCE,
    TRIGGER,
    Key,
    Kind,
    Object,
    key_of,
)
from poorwill.local.control import broker, trigger
from poorwill.local.control.destinations import target
from poorwill.local.control.hosts import hostname
from poorwill.local.control.labels import routes_of


class _Owner(NamedTuple):
    uid: str


class _Target(NamedTuple):
    kind: Kind
    namespace: str
    name: str


class _Mark(NamedTuple):
    namespace: str
    route: str


_Term = _Owner | _Target | _Mark


class Index:
    """Which objects name an owner, a target of traffic or events, a placeholder, or a Route that leads to them."""

    def __init__(self) -> None:
        self._keys: dict[_Term, set[Key]] = defaultdict(set)
        self._terms: dict[Key, frozenset[_Term]] = {}

    def put(self, obj: Object) -> None:
        """Take note of an object as it is now."""
        key = key_of(obj)
        terms = frozenset(_terms(key, obj))
        for term in self._terms.get(key, frozenset()) - terms:
            self._drop(term, key)
        for term in terms:
            self._keys[term].add(key)
        if terms:
            self._terms[key] = terms
        else:
            self._terms.pop(key, None)

    def forget(self, key: Key) -> None:
        """Forget an object that is gone."""
        for term in self._terms.pop(key, frozenset()):
            self._drop(term, key)

    def owned(self, uid: str) -> list[Key]:
        """Return the objects that name this owner."""
        return self._found(_Owner(uid))

    def leading_to(self, key: Key) -> list[Key]:
        """Return who names an object: Routes a Configuration, a Revision, a placeholder; or who sends events to it."""
        return self._found(_Target(*key))

    def marked(self, namespace: str, route: str) -> list[Key]:
        """Return the Revisions and Configurations that name this Route."""
        return self._found(_Mark(namespace, route))

    def _found(self, term: _Term) -> list[Key]:
        return sorted(self._keys.get(term, ()), key=str)

    def _drop(self, term: _Term, key: Key) -> None:
        self._keys[term].discard(key)
        if not self._keys[term]:
            del self._keys[term]


def _terms(key: Key, obj: Object) -> Iterator[_Term]:
    for reference in obj["metadata"].get("ownerReferences", ()):
        yield _Owner(reference["uid"])
    if key.kind is ROUTE:
        yield from _targets(key, obj)
    elif key.kind in {REVISION, CONFIGURATION}:
        for route in routes_of(obj):
            yield _Mark(key.namespace, route)
    elif key.kind in _SENDERS:
        yield from (_Target(*found) for found in _SENDERS[key.kind](key, obj) if found)


def _targets(key: Key, route: Object) -> Iterator[_Target]:
    yield _Target(PLACEHOLDER, key.namespace, key.name)
    for entry in (*route["spec"].get("traffic", ()), *route.get("status", {}).get("traffic", ())):
        if entry.get("configurationName"):
            yield _Target(CONFIGURATION, key.namespace, entry["configurationName"])
        if entry.get("revisionName"):
            yield _Target(REVISION, key.namespace, entry["revisionName"])
        if entry.get("tag"):
            yield _Target(PLACEHOLDER, key.namespace, hostname(key.name, entry["tag"]))


def _of_broker(key: Key, obj: Object) -> Iterator[Key | None]:
    yield broker.config(obj)
    yield target(_dead_letter_sink(obj["spec"]), key.namespace)


def _of_trigger(key: Key, obj: Object) -> Iterator[Key | None]:
    yield trigger.broker_of(obj)
    yield trigger.dependency_of(obj)
    yield target(obj["spec"].get("subscriber"), key.namespace)
    yield target(_dead_letter_sink(obj["spec"]), key.namespace)


def _of_sequence(key: Key, obj: Object) -> Iterator[Key | None]:
    yield target(obj["spec"].get("reply"), key.namespace)
    for step in obj["spec"]["steps"]:
        yield target(step, key.namespace)
        yield target(_dead_letter_sink(step), key.namespace)


def _of_ping_source(key: Key, obj: Object) -> Iterator[Key | None]:
    yield target(obj["spec"].get("sink"), key.namespace)


def _dead_letter_sink(spec: Object) -> Object | None:
    return (spec.get("delivery") or {}).get("deadLetterSink")


_SENDERS: dict[Kind, Callable[[Key, Object], Iterator[Key | None]]] = {
    BROKER: _of_broker,
    TRIGGER: _of_trigger,
    SEQUENCE: _of_sequence,
    PING_SOURCE: _of_ping_source,
}
