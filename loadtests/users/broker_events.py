"""Digits as CloudEvents through a Broker: each reply is matched with its event, and the round trip is timed."""

import os
import random
import secrets
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from gevent import Timeout
from gevent.event import AsyncResult
from gevent.pywsgi import WSGIServer
from locust import constant_throughput, events, task
from locust.runners import MasterRunner

from loadtests import watch
from loadtests.asked import NO_REPLY, PATIENCE_SECONDS, Asked, Outcome, refused
from loadtests.digits import JSON_REQUESTS, MODEL, right
from loadtests.session import RECORDER
from loadtests.users.asking import Asking
from loadtests.wire import outputs
from poorwill.delivery.cluster import Cluster
from poorwill.delivery.waiting import End, await_ready
from poorwill.kinds.kind import TRIGGER

KIND = "event"
REQUESTED, COMPLETED = "dev.poorwill.prediction.requested", "dev.poorwill.prediction.completed"
READY_SECONDS = 60.0
SOURCE = "/loadtests"


class Reply(NamedTuple):
    """An event that answers one of ours."""

    heard_seconds: float  # perf_counter
    type: str
    version: str
    digest: str
    body: bytes


class Replies:
    """Hears the replies to this process's events, by a Trigger and a server of its own."""

    def __init__(self, options: Any) -> None:
        # a pod's own address; Locust's master would send one option to all its workers
        address = os.environ.get("POD_IP", "127.0.0.1")
        self.correlation = secrets.token_hex(8)
        self._name = f"load-replies-{self.correlation}"
        self._waiting: dict[str, AsyncResult] = {}
        self._sent: set[str] = set()
        self._cluster: Cluster = watch.connect(options.kubeconfig, options.namespace)
        self._server = WSGIServer((address, 0), self._hear, log=None)
        self._server.start()
        broker = options.broker.rpartition("/")[2]
        self._cluster.apply(self._trigger(broker, f"http://{address}:{self._server.server_port}/"))
        waited = await_ready(self._cluster, TRIGGER, self._name, timeout_seconds=READY_SECONDS, progress=lambda _: None)
        if waited.end != End.READY:
            raise TimeoutError("the Trigger for replies did not get ready")

    def close(self) -> None:
        """Take the Trigger away and stop listening."""
        self._cluster.delete(TRIGGER, self._name)
        self._server.stop()
        self._cluster.close()

    def expect(self, id_: str) -> "AsyncResult":
        """Return what gets the reply to the event of this id."""
        self._sent.add(id_)
        self._waiting[id_] = AsyncResult()
        return self._waiting[id_]

    def give_up(self, id_: str) -> None:
        """Wait for a reply no longer."""
        self._waiting.pop(id_, None)

    def _hear(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        heard_seconds, body = time.perf_counter(), environ["wsgi.input"].read()
        type_, version, digest = (
            environ.get(f"HTTP_CE_{name}", "") for name in ("TYPE", "MODELVERSION", "MODELDIGEST")
        )
        cause = environ.get("HTTP_CE_CAUSATIONID", "")
        reply = Reply(heard_seconds, type_, version, digest, body)
        waiting = self._waiting.pop(cause, None)
        if waiting is not None:
            waiting.set(reply)
        elif cause not in self._sent:  # one that comes again is allowed; one to nothing is not
            RECORDER.add(Asked(KIND, MODEL, version, time.time(), 0.0, Outcome.WRONG, None))
        start_response("204 No Content", [])
        return []

    def _trigger(self, broker: str, url: str) -> dict[str, Any]:
        wanted = {"type": COMPLETED, "correlationid": self.correlation}
        return {
            "apiVersion": "eventing.knative.dev/v1",
            "kind": "Trigger",
            "metadata": {"name": self._name, "labels": {"app.kubernetes.io/part-of": "poorwill"}},
            "spec": {"broker": broker, "filter": {"attributes": wanted}, "subscriber": {"uri": url}},
        }


_replies: list[Replies] = []  # of this process, while a run goes on


@events.init_command_line_parser.add_listener
def add_options(parser: Any) -> None:
    """Add where the Broker is."""
    group = parser.add_argument_group("Poorwill's events")
    usual = "http://broker-ingress.knative-eventing.svc.cluster.local/default/default"
    group.add_argument("--broker", default=usual, help="URL to send events to")
    group.add_argument("--broker-header", default="", help="Host of the Broker, where the URL has a gateway's address")


@events.test_start.add_listener
def begin(environment: Any, **_: Any) -> None:
    """Listen to replies before the first event is sent."""
    if not isinstance(environment.runner, MasterRunner):
        _replies.append(Replies(environment.parsed_options))


@events.test_stop.add_listener
def end(**_: Any) -> None:
    """Listen no longer."""
    while _replies:
        _replies.pop().close()


class BrokerEvents(Asking):
    """Sends one event, waits for its reply, sends the next."""

    wait_time = constant_throughput(10)

    @task
    def send(self) -> None:
        """Ask by an event."""
        number, id_ = random.randrange(len(JSON_REQUESTS)), secrets.token_hex(8)
        waiting = _replies[0].expect(id_)
        sent_seconds, began = time.time(), time.perf_counter()
        (outcome, said), reply = self._accepted(number, id_), None
        if outcome == Outcome.RIGHT:
            with Timeout(PATIENCE_SECONDS, exception=False):
                reply = waiting.get()
            outcome, said = _outcome(number, reply), "" if reply else NO_REPLY
        _replies[0].give_up(id_)
        took_ms = ((reply.heard_seconds if reply else time.perf_counter()) - began) * 1000
        version = reply.version if reply else ""
        RECORDER.add(Asked(KIND, MODEL, version, sent_seconds, took_ms, str(outcome), None, said))

    def _accepted(self, number: int, id_: str) -> tuple[Outcome, str]:
        """Return whether the Broker took an event, and what it said if not."""
        options = self.environment.parsed_options
        attributes = {"specversion": "1.0", "id": id_, "source": SOURCE, "type": REQUESTED, "subject": MODEL}
        headers = {f"ce-{name}": value for name, value in attributes.items()}
        headers |= {"ce-correlationid": _replies[0].correlation} | JSON_REQUESTS[number].headers
        headers |= {"Host": options.broker_header} if options.broker_header else {}
        body, began = JSON_REQUESTS[number].body, time.perf_counter()
        with self.client.post(options.broker, data=body, headers=headers, name=KIND, catch_response=True) as response:
            if response.status_code // 100 == 2:
                return Outcome.RIGHT, ""
            response.failure("not accepted")
            took_ms = (time.perf_counter() - began) * 1000
            outcome = Outcome.ERROR if response.status_code else Outcome.LOST
            return outcome, refused(response.status_code, response.headers or {}, took_ms)


def _outcome(number: int, reply: Reply | None) -> Outcome:
    if reply is None:
        return Outcome.LOST
    try:
        is_right = reply.type == COMPLETED and right(number, reply.digest, outputs(reply.body, None))
    except (KeyError, TypeError, ValueError):
        is_right = False
    return Outcome.RIGHT if is_right else Outcome.WRONG
