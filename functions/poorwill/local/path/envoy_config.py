"""Envoy's configuration as plain values: what it starts with, and the answers to what it asks for (xDS)."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from poorwill.local.path.backend import Backend
from poorwill.local.path.envoy_listener import TYPE, Config, listener
from poorwill.local.path.headers import NAMESPACE, REVISION
from poorwill.local.path.table import Share, Table
from poorwill.local.revision import Endpoint, RevisionKey

ACTIVATOR = "activator"
VERSION = "Poorwill-Table"
ASIDE_VERSION = "aside"
"""The version of the table that leads nowhere but to the activator."""
GAUGES = "upstream_rq_active", "upstream_rq_pending_active"
COUNTER = "upstream_rq_total"

BACK_OFF_SECONDS = 0.001
"""The longest pause of a request that a process refused, before it goes to the activator; no gauge counts it then."""

_PEER = "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%"
_UNLIMITED = 2**32 - 1
_IN_ORDER = 3
_POOLED_SECONDS = 60  # below the 120 s after which a predictor closes a silent connection


class Layout(NamedTuple):
    """Where Envoy's files and sockets lie."""

    folder: Path
    """Also Envoy's working folder: its sockets are named by that, as a socket's whole path may be too long."""
    barrier_host: str
    """A name that nobody can guess: it answers with the version of the table that is in force."""

    @property
    def admin(self) -> str:
        """Return the admin's socket."""
        return "admin.sock"

    @property
    def activator(self) -> str:
        """Return the socket that the activator listens on."""
        return "activator.sock"

    @property
    def clusters(self) -> Path:
        """Return the file of the revisions that are awake."""
        return self.folder / "clusters.json"

    @property
    def routes(self) -> Path:
        """Return the file of the hosts that lead to them."""
        return self.folder / "routes.json"

    @property
    def aside(self) -> Path:
        """Return the file of the table that leads nowhere but to the activator."""
        return self.folder / "aside.json"

    def endpoints(self, revision: RevisionKey) -> Path:
        """Return the file of one revision's processes."""
        return self.folder / f"endpoints.{revision.namespace}.{revision.name}.json"


def direct(backend: Backend) -> bool:
    """Return whether Envoy may lead to a revision's processes itself.

    Where few requests run at once, the activator chooses: it gives each to the first process that is free, which Envoy
    can't, and it alone counts. Knative keeps its activator in the path of these, too, unless there are many pods.
    Envoy's idle timeout begins anew with each part of a request's body, Knative's with those of the answer alone.
    """
    limit = backend.container_concurrency
    return bool(backend.endpoints) and (limit == 0 or limit > _IN_ORDER) and not backend.idle_timeout_seconds


def bootstrap(layout: Layout, port: int) -> Config:
    """Return what Envoy starts with: its port, the way to the activator, where to read the rest."""
    return {
        "node": {"id": "poorwill", "cluster": "poorwill"},
        "admin": {"address": _pipe(layout.admin, 0o600)},
        "dynamic_resources": {"cds_config": _file(layout.clusters)},
        "static_resources": {"listeners": [listener(port, _file(layout.routes))], "clusters": [_activator(layout)]},
        # all other statistics would cost memory for each cluster and time for each look at them
        "stats_config": {
            "stats_matcher": {
                "inclusion_list": {
                    "patterns": [{"prefix": "cluster_manager."}, *({"suffix": name} for name in (*GAUGES, COUNTER))]
                }
            }
        },
    }


def clusters(backends: Mapping[RevisionKey, Backend], layout: Layout, queue_limit: int) -> list[Config]:
    """Return a cluster for each revision: its limits; its processes come from a file of their own."""
    return [_cluster(revision, backend, layout, queue_limit) for revision, backend in sorted(backends.items())]


def endpoints(revision: RevisionKey, processes: tuple[Endpoint, ...], layout: Layout) -> Config:
    """Return where a revision's requests go: its processes; where none takes a connection, the activator waits."""
    return {
        "@type": f"{TYPE}config.endpoint.v3.ClusterLoadAssignment",
        "cluster_name": cluster_name(revision),
        "endpoints": [
            {"priority": 0, "lb_endpoints": [_endpoint(_address(*process)) for process in processes]},
            {"priority": 1, "lb_endpoints": [_endpoint(_pipe(layout.activator))]},
        ],
    }


def routes(table: Table, backends: Mapping[RevisionKey, Backend], layout: Layout, version: str) -> Config:
    """Return the hosts that lead to at least one of these revisions; every other request goes to the activator."""
    awake = (
        (host, shares)
        for host, shares in table.hosts.items()  # most are asleep, and have one share
        if shares[0].revision in backends or any(share.revision in backends for share in shares[1:])
    )
    hosts = [{"name": host, "domains": [host], "routes": _split(shares, backends)} for host, shares in sorted(awake)]
    barrier = {
        "name": "barrier",
        "domains": [layout.barrier_host],
        "routes": [{"match": {"prefix": "/"}, "direct_response": {"status": 200}}],
        "response_headers_to_add": [{"header": {"key": VERSION, "value": version}}],
    }
    others = {"name": "others", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": _to_activator()}]}
    return {
        "@type": f"{TYPE}config.route.v3.RouteConfiguration",
        "name": "hosts",
        "ignore_port_in_host_matching": True,
        # by itself it would write this machine's address where the caller's is loopback's
        "request_headers_to_add": [_added("X-Forwarded-For", _PEER, "APPEND_IF_EXISTS_OR_ADD")],
        "virtual_hosts": [barrier, *hosts, others],
    }


def discovery(version: str, resources: list[Config]) -> Config:
    """Return a file as Envoy reads it."""
    return {"version_info": version, "resources": resources}


def cluster_name(revision: RevisionKey) -> str:
    """Return what a revision is called in Envoy."""
    return f"{revision.namespace}/{revision.name}"


def _split(shares: tuple[Share, ...], backends: Mapping[RevisionKey, Backend]) -> list[Config]:
    # routes that each take a part of the same random number, not weighted clusters: a timeout belongs to a route
    made, reached = [], 0
    for share in shares:
        reached += share.percent
        match: Config = {"prefix": "/"}
        if share is not shares[-1]:
            match["runtime_fraction"] = {"default_value": {"numerator": reached, "denominator": "HUNDRED"}}
        backend = backends.get(share.revision)
        made.append({"match": match, **(_straight(share.revision, backend) if backend else _held(share.revision))})
    return made


def _straight(revision: RevisionKey, backend: Backend) -> Config:
    timeout = _seconds(backend.timeout_seconds)
    start = backend.response_start_timeout_seconds
    # ends the try before its answer begins, and not after: Knative's response start timeout, whatever its name is
    first_byte = {"per_try_timeout": _seconds(start)} if 0 < start < backend.timeout_seconds else {}
    previous = {"@type": f"{TYPE}extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig"}
    return {
        "route": {
            "cluster": cluster_name(revision),
            "timeout": timeout,
            "idle_timeout": timeout,
            # no retry: nothing was sent to a process that took no connection, and now it goes to the activator
            "retry_policy": {
                "retry_on": "connect-failure",
                "num_retries": 1,
                **first_byte,
                "retry_back_off": {"base_interval": _seconds(BACK_OFF_SECONDS)},
                "retry_priority": {
                    "name": "envoy.retry_priorities.previous_priorities",
                    "typed_config": previous | {"update_frequency": 1},
                },
            },
        },
        "request_headers_to_add": [_added("Forwarded", f"for={_PEER};proto=http", "ADD_IF_ABSENT")],
    }


def _held(revision: RevisionKey) -> Config:
    pairs = ((NAMESPACE, revision.namespace), (REVISION, revision.name))
    return {
        "route": _to_activator(),
        "request_headers_to_add": [_added(*pair, "OVERWRITE_IF_EXISTS_OR_ADD") for pair in pairs],
    }


def _added(key: str, value: str, action: str) -> Config:
    return {"header": {"key": key, "value": value}, "append_action": action}


def _to_activator() -> Config:
    return {"cluster": ACTIVATOR, "timeout": "0s", "idle_timeout": "0s"}


def _activator(layout: Layout) -> Config:
    return {
        "name": ACTIVATOR,
        "connect_timeout": "5s",
        "circuit_breakers": _limits(_UNLIMITED),
        "typed_extension_protocol_options": _protocol(),
        "load_assignment": {
            "cluster_name": ACTIVATOR,
            "endpoints": [{"lb_endpoints": [_endpoint(_pipe(layout.activator))]}],
        },
    }


def _cluster(revision: RevisionKey, backend: Backend, layout: Layout, queue_limit: int) -> Config:
    limit = backend.container_concurrency
    name = cluster_name(revision)
    breakers = _limits(queue_limit if limit else _UNLIMITED)
    if limit:  # a connection carries one request at a time
        breakers["per_host_thresholds"] = [{"max_connections": limit}]
    policy = {
        "name": "envoy.load_balancing_policies.least_request",
        "typed_config": {
            "@type": f"{TYPE}extensions.load_balancing_policies.least_request.v3.LeastRequest",
            "selection_method": "FULL_SCAN",
        },
    }
    return {
        "@type": f"{TYPE}config.cluster.v3.Cluster",
        "name": name,
        "type": "EDS",
        "eds_cluster_config": {"eds_config": _file(layout.endpoints(revision)), "service_name": name},
        "connect_timeout": "5s",
        "load_balancing_policy": {"policies": [{"typed_extension_config": policy}]},
        "circuit_breakers": breakers,
        "typed_extension_protocol_options": _protocol(),
    }


def _limits(pending: int) -> Config:
    return {
        "thresholds": [
            {
                "max_connections": _UNLIMITED,
                "max_pending_requests": pending,
                "max_requests": _UNLIMITED,
                "max_retries": _UNLIMITED,
            }
        ]
    }


def _protocol() -> Config:
    return {
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": f"{TYPE}extensions.upstreams.http.v3.HttpProtocolOptions",
            "common_http_protocol_options": {"idle_timeout": _seconds(_POOLED_SECONDS)},
            "explicit_http_config": {"http_protocol_options": {}},
        }
    }


def _file(path: Path) -> Config:
    # without a timeout: an Envoy that has no table must not listen
    source = {"path": str(path)}
    return {"resource_api_version": "V3", "initial_fetch_timeout": "0s", "path_config_source": source}


def _address(host: str, port: int) -> Config:
    return {"socket_address": {"address": host, "port_value": port}}


def _pipe(path: str, mode: int = 0) -> Config:
    return {"pipe": {"path": path, "mode": mode} if mode else {"path": path}}


def _endpoint(address: Config) -> Config:
    return {"endpoint": {"address": address}}


def _seconds(value: float) -> str:
    return f"{value:.3f}s"
