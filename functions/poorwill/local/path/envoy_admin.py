"""What a running Envoy is asked: the processes it knows, what each revision has to do, the table that is in force."""

from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector, UnixConnector

from poorwill.local.path import envoy_config
from poorwill.local.path.sampler import Look
from poorwill.local.revision import Endpoint

_TIMEOUT = ClientTimeout(total=2.0)


class Admin:
    """Envoy's admin interface, on its socket, and the barrier on its port; every question is empty while it is away.

    Args:
        socket: the path of its socket.
        port: its port for requests.
        barrier_host: which answers with the version of its table.
    """

    def __init__(self, socket: str, port: int, barrier_host: str) -> None:
        self._socket = socket
        self._port = port
        self._barrier_host = barrier_host

    async def __aenter__(self) -> Self:
        """Open the sessions."""
        self._admin = ClientSession(connector=UnixConnector(self._socket), timeout=_TIMEOUT)
        # a connection of its own for each question: one that is kept could be to the activator
        self._caller = ClientSession(connector=TCPConnector(force_close=True), timeout=_TIMEOUT)
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        """Close them."""
        await self._admin.close()
        await self._caller.close()

    async def version(self) -> str:
        """Return the version of the table that requests follow which arrive now."""
        try:
            headers = {"Host": self._barrier_host}
            async with self._caller.get(f"http://127.0.0.1:{self._port}/", headers=headers) as answer:
                return answer.headers.get(envoy_config.VERSION, "")
        except (ClientError, OSError):
            return ""

    async def processes(self) -> dict[str, frozenset[Endpoint]]:
        """Return the processes of each cluster that can take requests."""
        said = await self._ask("/clusters?format=json")
        return {
            cluster["name"]: frozenset(
                Endpoint(address["address"], address["port_value"])
                for host in cluster.get("host_statuses", ())
                if (address := host["address"].get("socket_address"))
            )
            for cluster in said.get("cluster_statuses", ())
        }

    async def looks(self) -> dict[str, Look] | None:
        """Return the gauges of each revision's cluster, None where it does not answer."""
        said = await self._ask("/stats?format=json&filter=upstream_rq_")
        if not said:
            return None
        values: dict[str, dict[str, int]] = {}
        for stat in said.get("stats", ()):
            cluster, _, gauge = stat.get("name", "").removeprefix("cluster.").rpartition(".")
            if "/" in cluster:
                values.setdefault(cluster, {})[gauge] = stat["value"]
        return {
            cluster: Look(sum(gauges[name] for name in envoy_config.GAUGES), gauges[envoy_config.COUNTER])
            for cluster, gauges in values.items()
        }

    async def drain(self) -> None:
        """Have it take no more connections, and end each with the answer that is under way."""
        for path in ("/healthcheck/fail", "/drain_listeners"):
            with suppress(ClientError, OSError):
                await self._admin.post(f"http://envoy{path}")

    async def is_busy(self) -> bool:
        """Return whether it has requests, those included that it gave to the activator."""
        said = await self._ask("/stats?format=json&filter=upstream_rq_")
        return any(stat.get("value") for stat in said.get("stats", ()) if stat["name"].endswith(envoy_config.GAUGES))

    async def _ask(self, path: str) -> dict[str, Any]:
        try:
            async with self._admin.get(f"http://envoy{path}") as answer:
                said: dict[str, Any] = await answer.json(content_type=None)
                return said
        except (ClientError, OSError, ValueError):
            return {}
