"""The lines of all processes of one version, as they come."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Empty, Queue
from threading import Event, Thread
from typing import NamedTuple

from poorwill.delivery.cluster import Cluster
from poorwill.delivery.diagnosis import SERVICE_LABEL, serving_container
from poorwill.delivery.manifests import service_name
from poorwill.errors import Fault, NotFoundError, PoorwillError
from poorwill.kinds.kind import POD, SERVICE, Object

_LOOK_SECONDS = 1.0  # for pods that came


class Line(NamedTuple):
    """One line of one pod."""

    pod: str
    text: str


class _Process(NamedTuple):
    """One run of a container: after a restart it is another, with a log of its own."""

    pod: str
    container: str
    run: str


def version_logs(cluster: Cluster, model: str, version: int, *, tail_lines: int | None = None) -> Iterator[Line]:
    """Yield what the version's processes have logged, pod by pod, the oldest pod first; nothing while it sleeps.

    Raises:
        NotFoundError: no such version on the cluster.
    """
    name = _deployed(cluster, model, version)
    for process in _processes(cluster, name):
        try:
            for text in cluster.log(process.pod, process.container, tail_lines=tail_lines):
                yield Line(process.pod, text)
        except NotFoundError:  # it has not started, or is gone
            continue


def follow_logs(
    cluster: Cluster,
    model: str,
    version: int,
    *,
    tail_lines: int | None = None,
    goes_on: Callable[[], bool] = lambda: True,
) -> Iterator[Line]:
    """Yield the lines of all the version's processes as they come, those of pods that wake later, too.

    Raises:
        NotFoundError: no such version on the cluster.
    """
    yield from follow_service(cluster, _deployed(cluster, model, version), tail_lines=tail_lines, goes_on=goes_on)


def follow_service(
    cluster: Cluster, name: str, *, tail_lines: int | None = None, goes_on: Callable[[], bool] = lambda: True
) -> Iterator[Line]:
    """Yield the lines of all processes of a Service of Knative as they come."""
    lines: Queue[Line] = Queue(maxsize=1000)
    read: set[_Process] = set()
    ended = Event()
    try:
        while goes_on():
            for process in _processes(cluster, name):
                if process.run and process not in read:
                    read.add(process)
                    _read(cluster, process, tail_lines, lines, ended)
            yield from _for_a_while(lines)
    finally:
        ended.set()


def _deployed(cluster: Cluster, model: str, version: int) -> str:
    name = service_name(model, version)
    if cluster.get(SERVICE, name) is None:
        advice = "`poorwill status` lists what is there"
        raise NotFoundError(Fault(f"Service {name}", "a version that is deployed", "none", advice))
    return name


def _processes(cluster: Cluster, service: str) -> list[_Process]:
    """Return the containers of the version's pods that serve, those of the oldest pod first."""
    pods = cluster.list(POD, {SERVICE_LABEL: service})
    pods.sort(key=lambda pod: (pod["metadata"].get("creationTimestamp", ""), pod["metadata"]["name"]))
    return [_process(pod) for pod in pods]


def _process(pod: Object) -> _Process:
    name = serving_container(pod)
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    run: Object = next((status for status in statuses if status.get("name") == name), {})
    began = {"running", "terminated"} & set(run.get("state") or {})
    return _Process(pod["metadata"]["name"], name, f"run {run.get('restartCount', 0)}" if began else "")


def _read(cluster: Cluster, process: _Process, tail_lines: int | None, lines: Queue[Line], ended: Event) -> None:
    """Start a thread that reads one log until it ends; a daemon, since a silent log never does."""

    def read() -> None:
        with suppress(PoorwillError):  # a pod that is gone has no more lines
            for text in cluster.log(process.pod, process.container, tail_lines=tail_lines, follow=True):
                if ended.is_set():
                    return
                lines.put(Line(process.pod, text))

    Thread(target=read, daemon=True, name=f"log of {process.pod}").start()


def _for_a_while(lines: Queue[Line]) -> Iterator[Line]:
    """Yield the lines that come until it is time to look for other pods."""
    until = time.monotonic() + _LOOK_SECONDS
    while (left_seconds := until - time.monotonic()) > 0:
        try:
            yield lines.get(timeout=left_seconds)
        except Empty:
            return
