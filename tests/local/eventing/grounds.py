"""What the tests of delivery share: a Broker and channels, subscribers whose answers are laid down, senders."""

import asyncio
import functools
import socket
from collections import Counter
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from poorwill.events.codec import decode
from poorwill.events.event import Event
from poorwill.local.eventing.event_filter import EVERYTHING, Exact
from poorwill.local.eventing.eventing import Eventing
from poorwill.local.eventing.subscription import Channels, Delivery, Place, Subscription

WAIT_SECONDS = 30
BROKER_HOST = "broker-ingress.knative-eventing.svc.cluster.local"
BROKER = "broker/default/orders/uid-1"
STEP_HOST = "flow-kn-sequence-0-kn-channel.default.svc.cluster.local"
STEP, NEXT_STEP = "sequence/default/flow/uid-2/0", "sequence/default/flow/uid-2/1"
ADDRESSES = {(BROKER_HOST, "/default/orders"): BROKER, (STEP_HOST, "/"): STEP}
TAKER = Place("taker.default.svc.cluster.local", "")
SINK = Place("sink.default.svc.cluster.local", "/dead")
ELSEWHERE = Place("elsewhere.default.svc.cluster.local", "")


def running(test):
    """Run an async test to its end, on a loop of its own."""

    @functools.wraps(test)
    def run(*args, **kwargs):
        asyncio.run(asyncio.wait_for(test(*args, **kwargs), WAIT_SECONDS))

    return run


def event(number=0, type_="asked", **more):
    return Event(id=f"e{number}", source="/tests", type=type_, **more)


def trigger(name="t1", *, channel=BROKER, matches=None, reply=BROKER, is_broker=True, subscriber=TAKER, **delivery):
    wanted = Exact({"type": "asked"}) if matches is None else matches
    return Subscription(name, channel, wanted, subscriber, reply, is_broker, Delivery(**delivery))


def step(name="s1", *, channel=STEP, reply=NEXT_STEP, subscriber=TAKER, **delivery):
    return trigger(
        name, channel=channel, matches=EVERYTHING, reply=reply, is_broker=False, subscriber=subscriber, **delivery
    )


def replying(number=0, type_="answered", **more):
    headers = {"ce-specversion": "1.0", "ce-id": f"r{number}", "ce-source": "/taker", "ce-type": type_}
    return lambda: web.Response(headers=headers | more)


def answering(status, body=b"", **headers):
    return lambda: web.Response(status=status, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


class Gateway:
    """Stands for the twin's gateway: all subscribers in one server, led by host; says what came, and answers.

    `answers` holds, by host, what is answered one after the other; the last one is answered ever after.
    """

    def __init__(self):
        self.answers = {}
        self.came = []
        self.requests = []
        self.most_at_once = self._at_once = 0
        self.let_go = asyncio.Event()

    async def start(self):
        self._runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.address = self._runner.addresses[0]

    async def stop(self):
        self.let_go.set()
        await self._runner.cleanup()

    async def _handle(self, request):
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            body = await request.read()
            headers = {name.lower(): value for name, value in request.headers.items()}
            self.requests.append((request.host, request.path, headers))
            self.came.append((request.host, decode(headers, body)[1][0]))
            answers = self.answers.get(request.host.partition(".")[0], [answering(204)])
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if answer == "hang":
                await self.let_go.wait()
                return web.Response(status=204)
            return answer()
        finally:
            self._at_once -= 1

    def events(self, host):
        return [event for there, event in self.came if there.startswith(host + ".")]

    def counts(self, host="taker"):
        return Counter(event.id for event in self.events(host))


class Ground:
    """Eventing with its gateway, and a sender."""

    def __init__(self, path, listen=lambda: socket.create_server(("127.0.0.1", 0)), **options):
        self.gateway = Gateway()
        self.told = []
        self._path, self._listen = path, listen
        self._options = {
            "on_dead_letter": lambda subscription, dead: self.told.append((subscription.id, dead))
        } | options

    async def start(self, *subscriptions):
        self.eventing = Eventing(self._path, lambda: self.gateway.address, **self._options)
        listening = self._listen()
        self.port = listening.getsockname()[1]
        await self.eventing.start(listening)
        self.follow(*subscriptions)

    def follow(self, *subscriptions):
        self.eventing.follow(Channels(ADDRESSES, subscriptions))

    async def again(self, *subscriptions):
        await self.eventing.stop()
        await self.start(*subscriptions)

    async def accept(self, *events, channel=BROKER):
        await asyncio.gather(*(self.eventing.accept(channel, one) for one in events))

    async def send(self, method="POST", path="/default/orders", host=BROKER_HOST, headers=None, data=b""):
        url = f"http://127.0.0.1:{self.port}{path}"
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, url, headers={"Host": host, **(headers or {})}, data=data) as answer,
        ):
            return answer.status, answer.headers, await answer.read()

    async def drained(self):
        """Wait until nothing waits any more."""
        while await self.eventing.pending():  # noqa: ASYNC110 - the journal tells nobody
            await asyncio.sleep(0.005)


@asynccontextmanager
async def ground(tmp_path, *subscriptions, **options):
    one = Ground(tmp_path / "events.sqlite", **options)
    await one.gateway.start()
    await one.start(*subscriptions)
    try:
        yield one
    finally:
        await one.eventing.stop()
        await one.gateway.stop()


async def until(said):
    """Wait until something is so."""
    while not said():  # noqa: ASYNC110 - what is waited for has no event
        await asyncio.sleep(0.005)
