"""Which hosts lead to which revisions, and in which shares: read from Routes, decided purely."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from poorwill.kinds.kind import Object
from poorwill.local.revision import RevisionKey


class Share(NamedTuple):
    """How much of a host's traffic a revision gets."""

    revision: RevisionKey
    percent: int


class Table(NamedTuple):
    """Every host, lower case and without a port, with its shares; those of one host sum to 100."""

    hosts: Mapping[str, tuple[Share, ...]] = {}

    def shares(self, host: str) -> tuple[Share, ...]:
        """Return the shares of what a request has as its Host; none for a host that is not known."""
        return self.hosts.get(bare_host(host), ())


def bare_host(host: str) -> str:
    """Return a Host header's name in lower case, without its port and without a last dot."""
    name, colon, port = host.rpartition(":")
    if colon and port.isdecimal():
        host = name
    return host.lower().removesuffix(".")


def choose(shares: tuple[Share, ...], point: int) -> RevisionKey:
    """Return the revision whose share a point falls into; of the points 0 to 99 each has as many as its percent."""
    reached = 0
    for share in shares:
        reached += share.percent
        if point < reached:
            return share.revision
    return shares[-1].revision


class RouteHosts(NamedTuple):
    """What one Route's status makes of its hosts, and how old the Route is."""

    age: tuple[str, str, str]
    hosts: tuple[tuple[str, tuple[Share, ...]], ...]


def route_hosts(route: Object) -> RouteHosts:
    """Return the hosts of a Route.

    Status alone is read: there stands what was resolved last, and a Route whose new targets are not all ready
    goes on with those.
    """
    return RouteHosts(_age(route), tuple(_hosts(route)))


def table(routes: Iterable[RouteHosts]) -> Table:
    """Return the table that these Routes make; of two with one host the older keeps it, as Kourier has it."""
    hosts: dict[str, tuple[Share, ...]] = {}
    for route in sorted(routes):
        for host, shares in route.hosts:
            hosts.setdefault(host, shares)
    return Table(hosts)


def _age(route: Object) -> tuple[str, str, str]:
    metadata = route["metadata"]
    return metadata.get("creationTimestamp", ""), metadata["namespace"], metadata["name"]


def _hosts(route: Object) -> Iterator[tuple[str, tuple[Share, ...]]]:
    namespace, name, status = route["metadata"]["namespace"], route["metadata"]["name"], route.get("status", {})
    traffic = status.get("traffic") or ()
    main = _merged(namespace, traffic)
    if main:
        for host in _names(status.get("url", ""), name, namespace):
            yield host, main
    for target in traffic:
        if target.get("tag"):
            whole = (Share(RevisionKey(namespace, target["revisionName"]), 100),)
            for host in _names(target.get("url", ""), f"{target['tag']}-{name}", namespace):
                yield host, whole


def _merged(namespace: str, traffic: Iterable[Mapping[str, Any]]) -> tuple[Share, ...]:
    percents: dict[RevisionKey, int] = {}
    for target in traffic:
        if percent := target.get("percent") or 0:
            revision = RevisionKey(namespace, target["revisionName"])
            percents[revision] = percents.get(revision, 0) + percent
    return tuple(Share(*item) for item in percents.items())


def names_inside(name: str, namespace: str) -> tuple[str, ...]:
    """Return the names by which a cluster's own pods call a Service."""
    local = f"{name}.{namespace}"
    return local, f"{local}.svc", f"{local}.svc.cluster.local"


def _names(url: str, name: str, namespace: str) -> tuple[str, ...]:
    inside = names_inside(name, namespace)
    host = urlsplit(url).hostname
    return (host, *inside) if host and host not in inside else inside
