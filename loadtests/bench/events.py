"""Measure events on a real twin: Broker, Trigger, a warm model and its reply; then a listener to replies, too.

python -m loadtests.bench.events [--events 10000] [--connections 64] [--rounds 5] [--data-path envoy] [--keep]
"""

import argparse
import asyncio
import datetime as dt
import itertools
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

import numpy as np

from loadtests.bench.machine import BUILD, machine, push, say, warn_if_busy
from loadtests.bench.models import Sample, make_small
from loadtests.bench.processes import PROC
from loadtests.bench.report import Goal, goal_table, number, replace_between_markers, table
from loadtests.bench.twin.ground import AWAKE, ENVOY, Ground, Twin, await_, variables_of
from loadtests.wire import as_json
from poorwill.kinds.kind import TRIGGER, Object
from poorwill.kinds.objects import is_true

HOST, PATH = "broker-ingress.knative-eventing.svc.cluster.local", "/default/default"
ASKED, ANSWERED = "dev.poorwill.prediction.requested", "dev.poorwill.prediction.completed"
SERVICE = "awake-v1"
PAGE, MARK = Path(__file__).parents[2] / "docs" / "benchmarks.md", "bench-events"
GOAL_PER_SECOND = 2000
ANSWERED_BY_MODEL, DELIVERED = "answered by the model", "the reply delivered, too"
COUNTER, EVENTS = "poorwill_requests_total{", 'route="events"'
WARM_EVENTS, QUIET_SECONDS = 500, 60
_END = b"\r\n\r\n"


class Round(NamedTuple):
    """What one round came to; the CPU times are of one event that is sent, with its reply, by who used them."""

    accepted_per_second: float
    done_per_second: float  # of events that a warm model answered; or whose reply was delivered, too
    twin_us: float
    envoy_us: float
    function_us: float
    bench_us: float


def main() -> None:
    """Measure and report."""
    options = _options()
    BUILD.mkdir(parents=True, exist_ok=True)
    warn_if_busy()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sample = make_small(folder)
        push(sample, folder / "store")
        ground = Ground(Path(sys.executable).parent, folder / "store", sample, folder)
        with Twin(ground, options.data_path) as twin:
            measured = asyncio.run(_measure(twin, sample, options))
    _publish(measured, keep=options.keep)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtests.bench.events", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000, help="of each round")
    parser.add_argument("--connections", type=int, default=64, help="that send")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data-path", default=ENVOY)
    parser.add_argument("--keep", action="store_true", help=f"put the tables into {PAGE.name}")
    return parser.parse_args()


async def _measure(twin: Twin, sample: Sample, options: argparse.Namespace) -> dict[str, list[Round]]:
    listener = await Listener.start()
    await asyncio.to_thread(_furnish, twin)
    sender = Sender(twin.running.port, as_json("input", np.asarray(sample.array)).body)
    measured = {ANSWERED_BY_MODEL: await _rounds(twin, sender, _answered(twin), options)}
    hear = _trigger("hear", ANSWERED, {"uri": f"http://127.0.0.1:{listener.port}/"})
    await asyncio.to_thread(_apply, twin, hear)
    measured[DELIVERED] = await _rounds(twin, sender, lambda: len(listener.heard), options)
    return measured


def _furnish(twin: Twin) -> None:
    twin.furnish()
    twin.apply([SERVICE], AWAKE | {"autoscaling.knative.dev/max-scale": "1"})  # one process has all counts
    own = {"ref": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": SERVICE}}
    twin.cluster.apply({"apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "metadata": {"name": "default"}})
    _apply(twin, _trigger("ask", ASKED, own))


def _trigger(name: str, wanted: str, subscriber: Object) -> Object:
    spec = {"broker": "default", "filter": {"attributes": {"type": wanted}}, "subscriber": subscriber}
    return {"apiVersion": "eventing.knative.dev/v1", "kind": "Trigger", "metadata": {"name": name}, "spec": spec}


def _apply(twin: Twin, trigger: Object) -> None:
    name = trigger["metadata"]["name"]
    twin.cluster.apply(trigger)
    await_(lambda: is_true(twin.cluster.get(TRIGGER, name) or {}, "Ready"))


def _answered(twin: Twin) -> Callable[[], int]:
    """Return how many events the model has answered so far, as its metrics tell; each is counted before it is sent."""
    (pid,) = twin.functions
    url = f"http://127.0.0.1:{variables_of(pid)['POORWILL_METRICS_PORT']}/metrics"

    def count() -> int:
        with urlopen(url, timeout=QUIET_SECONDS) as answer:
            lines = answer.read().decode().splitlines()
        return sum(int(float(line.rsplit(" ", 1)[1])) for line in lines if line.startswith(COUNTER) and EVENTS in line)

    return count


async def _rounds(twin: Twin, sender: "Sender", done: Callable[[], int], options: argparse.Namespace) -> list[Round]:
    await _round(twin, sender, done, WARM_EVENTS, options.connections)
    rounds = []
    for count in range(1, options.rounds + 1):
        rounds.append(await _round(twin, sender, done, options.events, options.connections))
        say(f"round {count}: {rounds[-1].done_per_second:,.0f} a second")
    return rounds


async def _round(twin: Twin, sender: "Sender", done: Callable[[], int], events: int, connections: int) -> Round:
    pids = [[twin.running.pid], [twin.envoy] if twin.envoy else [], twin.functions, [os.getpid()]]
    before, wanted = [_cpu_us(each) for each in pids], done() + events
    began = time.perf_counter()
    await sender.send(events, connections)
    accepted_seconds = time.perf_counter() - began
    async with asyncio.timeout(QUIET_SECONDS):
        while done() < wanted:  # noqa: ASYNC110 - what hears them is cheap and no more
            await asyncio.sleep(0.02)
    arrived_seconds = time.perf_counter() - began
    used = [(_cpu_us(each) - start) / events for each, start in zip(pids, before, strict=True)]
    return Round(events / accepted_seconds, events / arrived_seconds, *used)


class Sender:
    """Sends events over many connections, each event after the one before it was accepted."""

    def __init__(self, port: int, body: bytes) -> None:
        self._port = port
        self._numbers = itertools.count()
        attributes = f"ce-specversion: 1.0\r\nce-type: {ASKED}\r\nce-source: /bench\r\ncontent-type: application/json"
        self._head = f"POST {PATH} HTTP/1.1\r\nhost: {HOST}\r\n{attributes}\r\ncontent-length: {len(body)}\r\n".encode()
        self._body = body

    async def send(self, events: int, connections: int) -> None:
        """Send so many."""
        left = iter(range(events))
        await asyncio.gather(*(self._run(left) for _ in range(connections)))

    async def _run(self, left: Iterator[int]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        for _ in left:
            writer.write(b"%bce-id: %d%b%b" % (self._head, next(self._numbers), _END, self._body))
            answer = await reader.readuntil(_END)
            if b" 202 " not in answer[:16]:
                raise ConnectionError("an event that was not accepted")
        writer.close()


class Listener(asyncio.Protocol):
    """Takes replies, and keeps which events they answer."""

    port = 0
    heard: set[bytes] = set()  # noqa: RUF012 - one for all connections

    @classmethod
    async def start(cls) -> type["Listener"]:
        """Listen on a port that is free."""
        server = await asyncio.get_running_loop().create_server(cls, "127.0.0.1", 0)
        cls.port = server.sockets[0].getsockname()[1]
        return cls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        """Take what is whole."""
        self._buffer += data
        head, end, rest = self._buffer.partition(_END)
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if end)
        if end and len(rest) >= int(fields[b"content-length"]):
            self._buffer = b""
            self.heard.add(fields[b"ce-causationid"])
            self._transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")  # type: ignore[attr-defined]


def _cpu_us(pids: list[int]) -> float:
    fields = [(PROC / str(pid) / "stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(stat[11]) + int(stat[12]) for stat in fields) / os.sysconf("SC_CLK_TCK") * 1e6


def _publish(measured: dict[str, list[Round]], *, keep: bool) -> None:
    now = dt.datetime.now(dt.UTC)
    medians = {
        kind: Round(*(statistics.median(getattr(one, name) for one in rounds) for name in Round._fields))
        for kind, rounds in measured.items()
    }
    words = "durable events a second, through Broker and Trigger to a warm model"
    goal = Goal(words, GOAL_PER_SECOND, medians[ANSWERED_BY_MODEL].done_per_second, at_least=True)
    rows = [
        (name.replace("_", " "), *(number(getattr(found, name), 0) for found in medians.values()))
        for name in Round._fields
    ]
    path = BUILD / "events.json"
    found = {kind: [one._asdict() for one in rounds] for kind, rounds in measured.items()}
    path.write_text(json.dumps({"date": now.isoformat(), "machine": machine(), "rounds": found}, indent=1))
    command = "`make bench README=1`" if keep else "`make bench`"
    header = f"{now:%Y-%m-%d}, {machine()}, Python {platform.python_version()}, {command}:"
    page = "\n\n".join((header, goal_table([goal]), table(("medians", *measured), rows)))
    if keep:
        PAGE.write_text(replace_between_markers(PAGE.read_text(), f"{page.rstrip()}\n", MARK))
    print(page)


if __name__ == "__main__":
    main()
