"""Who belongs to whom, kept up from changes, so that no pass looks through all objects."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from poorwill.kinds.kind import CONFIGURATION, PLACEHOLDER, REVISION, ROUTE, Key, Kind, Object, key_of
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
    """Which objects name an owner, a target of traffic, a placeholder, or a Route that leads to them."""

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
        """Return the Routes that name a Configuration, a Revision, or want a placeholder."""
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


def _targets(key: Key, route: Object) -> Iterator[_Target]:
    yield _Target(PLACEHOLDER, key.namespace, key.name)
    for entry in (*route["spec"].get("traffic", ()), *route.get("status", {}).get("traffic", ())):
        if entry.get("configurationName"):
            yield _Target(CONFIGURATION, key.namespace, entry["configurationName"])
        if entry.get("revisionName"):
            yield _Target(REVISION, key.namespace, entry["revisionName"])
        if entry.get("tag"):
            yield _Target(PLACEHOLDER, key.namespace, hostname(key.name, entry["tag"]))
