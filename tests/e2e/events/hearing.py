"""What tests of events are made of: senders, listeners of this process, and manifests as people write them."""

import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import urllib3
import yaml

from tests.e2e.behaviour.ground import Ground
from tests.e2e.faults.twin import Twin

INGRESS = "broker-ingress.knative-eventing.svc.cluster.local"
REQUESTED, COMPLETED = "dev.poorwill.prediction.requested", "dev.poorwill.prediction.completed"
WATCH_SECONDS = 300

Heard = dict[str, str]
"""An event's attributes, its data as `data`, and how often it came before as `times`."""


class Reply(NamedTuple):
    """What a listener answers; with a type it is an event."""

    status: int = 200
    type: str = ""
    body: bytes = b""


class Listener:
    """A server of this process that events come to."""

    def __init__(self, answer: Callable[[Heard], Reply], host: str) -> None:
        self.heard: list[Heard] = []
        self._answer = answer
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                attributes = {
                    name[3:].lower(): value for name, value in self.headers.items() if name.lower().startswith("ce-")
                }
                reply = listener.hear({**attributes, "data": body.decode(errors="replace")})
                self.send_response(reply.status)
                if reply.type:
                    of = {"id": attributes["id"], "source": "/listener", "type": reply.type, "specversion": "1.0"}
                    for name, value in of.items():
                        self.send_header(f"ce-{name}", value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = http.server.ThreadingHTTPServer((host, 0), Handler)
        self.url = f"http://{host}:{self.server.server_port}/"

    def hear(self, event: Heard) -> Reply:
        """Take an event down, and return what to answer."""
        times = sum(one["id"] == event["id"] for one in self.heard)
        self.heard.append({**event, "times": str(times)})
        return self._answer(self.heard[-1])

    def ids(self) -> set[str]:
        """Return the ids of the events that came."""
        return {event["id"] for event in self.heard}


@contextmanager
def listening(answer: Callable[[Heard], Reply] = lambda _: Reply(), host: str = "127.0.0.1") -> Iterator[Listener]:
    """Yield a listener."""
    listener = Listener(answer, host)
    thread = threading.Thread(target=listener.server.serve_forever)
    thread.start()
    try:
        yield listener
    finally:
        listener.server.shutdown()
        thread.join()
        listener.server.server_close()


def send(
    twin: Twin,
    id_: str,
    type_: str = "seen",
    *,
    host: str = INGRESS,
    path: str = "/default/default",
    data: bytes = b"{}",
) -> int:
    """Send an event through the gateway and return the status; 0 where the connection broke."""
    attributes = {"ce-id": id_, "ce-source": "test", "ce-type": type_, "ce-specversion": "1.0"}
    headers = {"Host": host, "Content-Type": "application/json", **attributes}
    try:
        answer = twin.http.request("POST", f"{twin.gateway}{path}", body=data, headers=headers, retries=False)
    except urllib3.exceptions.HTTPError:
        return 0
    return answer.status


def to(kind: str, name: str) -> dict[str, Any]:
    """Return a Destination."""
    versions = {"Route": "serving.knative.dev/v1", "Service": "serving.knative.dev/v1"}
    versions |= {"Broker": "eventing.knative.dev/v1", "Sequence": "flows.knative.dev/v1"}
    versions |= {"JobSink": "sinks.knative.dev/v1alpha1"}
    return {"ref": {"apiVersion": versions[kind], "kind": kind, "name": name}}


def obj(api_version: str, kind: str, name: str, **spec: Any) -> dict[str, Any]:
    """Return an object."""
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, "spec": spec}


def broker(name: str = "default", **spec: Any) -> dict[str, Any]:
    """Return a Broker."""
    return obj("eventing.knative.dev/v1", "Broker", name, **spec)


def trigger(name: str, type_: str, subscriber: dict[str, Any], **spec: Any) -> dict[str, Any]:
    """Return a Trigger for events of one type."""
    wanted = {"attributes": {"type": type_}}
    return obj(
        "eventing.knative.dev/v1", "Trigger", name, broker="default", filter=wanted, subscriber=subscriber, **spec
    )


def applied(ground: Ground, *objects: dict[str, Any], ready: bool = True) -> None:
    """Apply objects by kubectl, and wait until they are ready."""
    ground.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all(objects))
    for one in objects if ready else ():
        plural = f"{one['kind'].lower()}s.{one['apiVersion'].partition('/')[0]}"
        ground.kubectl("wait", "--for=condition=Ready", "--timeout=60s", f"{plural}/{one['metadata']['name']}")


def listed(ground: Ground, kinds: str, *arguments: str) -> list[dict[str, Any]]:
    """Return objects as kubectl gets them."""
    items: list[dict[str, Any]] = json.loads(ground.kubectl("get", kinds, "-o", "json", *arguments).stdout)["items"]
    return items


def watching(ground: Ground, *arguments: str) -> subprocess.Popen[str]:
    """Start `poorwill listen`, and return it once it says that it listens."""
    process = subprocess.Popen(
        [sys.executable, "-m", "poorwill", "listen", "--output", "json", *arguments],
        cwd=ground.folder,
        env=ground.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    guard = threading.Timer(WATCH_SECONDS, process.kill)  # nobody waits for a line for ever
    guard.daemon = True
    guard.start()
    assert process.stderr is not None
    assert "listening" in process.stderr.readline()
    return process
