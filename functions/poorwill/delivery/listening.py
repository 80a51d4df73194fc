"""The events of a Broker as they come: a listener is brought to it, read by its log, and taken away again."""

import secrets
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import msgspec

from poorwill.delivery.cluster import Cluster
from poorwill.delivery.logs import follow_service
from poorwill.delivery.manifests import base, objects_of
from poorwill.delivery.waiting import End, Progress, await_ready, ready_words
from poorwill.errors import Fault, NotReadyError, PoorwillError
from poorwill.kinds.kind import SERVICE, TRIGGER, Object

_FOLDER = "functions/listen"
_READY_SECONDS = 120.0
_LETTERS = 6


def listen(
    cluster: Cluster,
    broker: str,
    attributes: Mapping[str, str],
    *,
    image: str = "",
    progress: Progress,
    goes_on: Callable[[], bool] = lambda: True,
) -> Generator[dict[str, Any], None, None]:
    """Yield the events that a Broker gets from now on, each in CloudEvents' JSON format.

    Args:
        cluster: with the Broker in its namespace.
        broker: its name.
        attributes: that an event must have, by name; {} is all events.
        image: of the listener; "" is the manifest's.
        progress: told when it listens.
        goes_on: asked every second; listening ends when it is False.

    Raises:
        NotReadyError: the listener or its Trigger does not get ready.
        PoorwillError: as the cluster does.
    """
    name = f"poorwill-listen-{secrets.token_hex(_LETTERS // 2)}"
    with _listener(cluster, name, broker, attributes, image):
        for kind in (SERVICE, TRIGGER):
            waited = await_ready(cluster, kind, name, timeout_seconds=_READY_SECONDS, progress=lambda _: None)
            if waited.end != End.READY:
                raise _not_ready(kind.kind, name, waited.obj)
        progress(f"listening to the Broker {broker}; Ctrl-C ends it")
        for line in follow_service(cluster, name, goes_on=goes_on):
            event = _event(line.text)
            if event is not None:
                yield event


@contextmanager
def _listener(cluster: Cluster, name: str, broker: str, attributes: Mapping[str, str], image: str) -> Iterator[None]:
    try:
        for obj in _objects(cluster.namespace, name, broker, attributes, image):
            cluster.apply(obj)
        yield
    finally:
        for kind in (TRIGGER, SERVICE):
            with suppress(PoorwillError):  # what went wrong before is what counts
                cluster.delete(kind, name)


def _objects(namespace: str, name: str, broker: str, attributes: Mapping[str, str], image: str) -> Iterator[Object]:
    """Yield the listener's Service and Trigger."""
    folder = base().parent / _FOLDER
    (service,), (trigger,) = objects_of(folder / "service.yaml"), objects_of(folder / "trigger.yaml")
    for obj in (service, trigger):
        obj["metadata"] |= {"name": name, "namespace": namespace}
    if image:
        service["spec"]["template"]["spec"]["containers"][0]["image"] = image
    trigger["spec"] |= {"broker": broker}
    trigger["spec"]["subscriber"]["ref"]["name"] = name
    if attributes:
        trigger["spec"]["filters"] = [{"exact": {key: value}} for key, value in attributes.items()]
    yield service
    yield trigger


def _not_ready(kind: str, name: str, obj: Object | None) -> NotReadyError:
    found = ready_words(obj) if obj else "one that is gone"
    return NotReadyError(Fault(f"{kind} {name}", "one that gets ready", found, "see `kubectl get brokers,triggers`"))


def _event(line: str) -> dict[str, Any] | None:
    """Return the event that a line of the listener's log is, None for another line."""
    with suppress(msgspec.MsgspecError):
        found = msgspec.json.decode(line)
        if isinstance(found, dict) and "specversion" in found:
            return found
    return None
