"""What the tests of the data path share: both grounds, tiny functions to lead to, callers."""

import asyncio
import functools
from collections import Counter
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from poorwill.local.path.activator_path import ActivatorPath
from poorwill.local.path.backend import Backend
from poorwill.local.path.table import Share, Table
from poorwill.local.revision import Endpoint, RevisionKey

V1, V2 = RevisionKey("default", "digits-v1-00001"), RevisionKey("default", "digits-v2-00001")
HOST = "digits.default.poorwill.localhost"
WAIT_SECONDS = 15


def running(test):
    """Run an async test to its end, on a loop of its own."""

    @functools.wraps(test)
    def run(*args, **kwargs):
        asyncio.run(asyncio.wait_for(test(*args, **kwargs), WAIT_SECONDS))

    return run


class Function:
    """A function's process: says its name, and what it was sent; knows how many requests it ran at once."""

    def __init__(self, name):
        self.name = name
        self.requests = []
        self.now = self.most = 0
        self.arrived = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def start(self):
        server = web.Server(self._handle, access_log=None, auto_decompress=False, handler_cancellation=True)
        self.runner = web.ServerRunner(server, shutdown_timeout=5)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.endpoint = Endpoint(*self.runner.addresses[0])
        return self

    async def stop(self):
        await self.runner.cleanup()

    async def _handle(self, request):
        self.requests.append(request)
        self.now += 1
        self.most = max(self.most, self.now)
        self.arrived.set()
        try:
            await self.go_on.wait()
            return await self.answer(request)
        finally:
            self.now -= 1

    async def answer(self, request):
        return web.json_response(
            {"name": self.name, "headers": [list(item) for item in request.headers.items()], "path": request.raw_path}
        )


async def until(true):
    """Wait for what no event tells of."""
    while not true():  # noqa: ASYNC110 - nobody sets an event
        await asyncio.sleep(0.001)


@asynccontextmanager
async def functions(*names):
    made = [await Function(name).start() for name in names]
    try:
        yield made
    finally:
        await asyncio.gather(*(function.stop() for function in made))


class Ground:
    """A data path that runs, with one caller's session."""

    def __init__(self, path, port, session, woken):
        self.path, self.port, self.session, self.woken = path, port, session, woken
        self.backends = {}

    async def publish(self, hosts, backends=None):
        """Publish, and return when what is published no more can be drained."""
        former = self.backends
        if backends is not None:
            self.backends = backends
        shares = {host: tuple(Share(*share) for share in shares) for host, shares in hosts.items()}
        await self.path.publish(Table(shares), self.backends)
        await asyncio.gather(*map(self.path.settle, former))

    def ask(self, host=HOST, *, method="GET", path="/", headers=None, **more):
        url = f"http://127.0.0.1:{self.port}{path}"
        return self.session.request(method, url, headers={"Host": host, **(headers or {})}, **more)

    async def name(self, host=HOST, **more):
        async with self.ask(host, **more) as answer:
            return (await answer.json())["name"] if answer.status == 200 else answer.status

    async def names(self, count, host=HOST, **more):
        return Counter(await asyncio.gather(*(self.name(host, **more) for _ in range(count))))

    async def problem(self, host=HOST, **more):
        async with self.ask(host, **more) as answer:
            assert answer.content_type == "application/problem+json"
            body = await answer.json(content_type=None)
            assert body["status"] == answer.status
            assert body["request_id"]
            return answer


@asynccontextmanager
async def ground(make=ActivatorPath, **settings):
    woken = asyncio.Queue()
    path = make(woken.put_nowait, **settings)
    port = await path.start()
    while make is not ActivatorPath and not await path._admin.version():
        pass  # else the activator alone would be what is tested
    connector = aiohttp.TCPConnector(limit=0)
    try:
        async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:
            yield Ground(path, port, session, woken)
    finally:
        await path.stop()


def awake(*functions, **limits):
    return Backend(tuple(function.endpoint for function in functions), **limits)


__all__ = [
    "HOST",
    "V1",
    "V2",
    "Backend",
    "Function",
    "Ground",
    "awake",
    "functions",
    "ground",
    "pytest",
    "running",
    "until",
]
