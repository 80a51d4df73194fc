"""All channels and subscriptions that the objects of eventing come to."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from poorwill.kinds import period
from poorwill.kinds.kind import BROKER, PING_SOURCE, SEQUENCE, TRIGGER, Key, Object
from poorwill.local.control.broker import is_ours
from poorwill.local.control.destinations import Scene, resolve
from poorwill.local.control.event_conditions import DEAD_LETTER_URI
from poorwill.local.control.trigger import broker_of, is_subscribed
from poorwill.local.eventing import event_filter
from poorwill.local.eventing.addresses import (
    BROKER_INGRESS,
    CLUSTER_DOMAIN,
    SYSTEM,
    channel_service,
    is_loopback,
    step_channel,
)
from poorwill.local.eventing.event_filter import Filter
from poorwill.local.eventing.subscription import Channels, Delivery, Place, Subscription
from poorwill.local.path.table import names_inside

KINDS = (BROKER, TRIGGER, SEQUENCE, PING_SOURCE)
"""What channels are made of, in the order in which `Sources` takes them."""

_NO_DELIVERY: Object = {}
_NO_EVENT = event_filter.Attributes({"specversion": "none"})
_PERIODS = "backoffDelay", "timeout", "retryAfterMax"
# of a source that sends by Go's SDK (pkg/adapter/mtping/runner.go)
_PING_DELIVERY = Delivery(retry=5, backoff_policy="exponential", backoff_delay_seconds=0.05)


class Sources(NamedTuple):
    """The objects that channels are made of, and how others are found that they name."""

    brokers: Iterable[Object]
    triggers: Iterable[Object]
    sequences: Iterable[Object]
    ping_sources: Iterable[Object]
    scene: Scene


def channels(sources: Sources) -> Channels:
    """Return the whole table."""
    brokers = {_key(broker): broker for broker in sources.brokers if is_ours(broker)}
    sequences = tuple(sources.sequences)
    addresses = {
        (host, path): channel
        for hosts, path, channel in (*_of_brokers(brokers), *_of_sequences(sequences))
        for host in hosts
    }
    subscriptions = (
        *_triggers(sources.triggers, brokers),
        *(one for sequence in sequences for one in _steps(sequence, sources.scene)),
        *_pings(sources.ping_sources),
    )
    return Channels(addresses, subscriptions)


def ping_channel(source: Object) -> str:
    """Return the channel that a PingSource's events enter."""
    return _channel("ping", source)


def _of_brokers(brokers: Mapping[Key, Object]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    hosts = names_inside(BROKER_INGRESS, SYSTEM)
    for broker in brokers.values():
        if "address" in (broker.get("status") or {}):
            yield hosts, urlsplit(broker["status"]["address"]["url"]).path, _channel("broker", broker)


def _of_sequences(sequences: Iterable[Object]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    for sequence in sequences:
        metadata = sequence["metadata"]
        for step in range(len(sequence["spec"]["steps"])):
            service = channel_service(step_channel(metadata["name"], step))
            yield names_inside(service, metadata["namespace"]), "/", _step(sequence, step)


def _triggers(triggers: Iterable[Object], brokers: Mapping[Key, Object]) -> Iterator[Subscription]:
    for trigger in triggers:
        broker = brokers.get(broker_of(trigger))
        if broker is None:
            continue
        metadata, status = trigger["metadata"], trigger.get("status") or {}
        channel = _channel("broker", broker)
        # like Knative's filter, which has no URL then: what comes is tried again, and is a dead letter in the end
        nowhere = f"http://broker-filter.{SYSTEM}.{CLUSTER_DOMAIN}/triggers/{metadata['namespace']}/{metadata['name']}"
        yield Subscription(
            id=metadata["uid"],
            channel=channel,
            # one that is not yet subscribed gets nothing, and keeps what waits: a power failure may take its status
            matches=_wanted(trigger["spec"]) if is_subscribed(trigger) else _NO_EVENT,
            subscriber=_place(status.get("subscriberUri") or nowhere),
            reply=channel,
            is_broker=True,
            delivery=_delivery(
                trigger["spec"].get("delivery") or broker["spec"].get("delivery"), status.get(DEAD_LETTER_URI, "")
            ),
        )


def _steps(sequence: Object, scene: Scene) -> Iterator[Subscription]:
    metadata, spec = sequence["metadata"], sequence["spec"]
    namespace, last = metadata["namespace"], len(spec["steps"]) - 1
    for step, destination in enumerate(spec["steps"]):
        channel, delivery = _step(sequence, step), destination.get("delivery") or _NO_DELIVERY
        nowhere = f"http://{step_channel(metadata['name'], step)}.{namespace}.{CLUSTER_DOMAIN}/unresolved"
        reply: str | Place | None = None
        if step < last:
            reply = _step(sequence, step + 1)
        elif spec.get("reply"):
            reply = _place(resolve(spec["reply"], namespace, scene).url or nowhere)
        dead = delivery.get("deadLetterSink")
        yield Subscription(
            id=f"{metadata['uid']}/{step}",
            channel=channel,
            matches=event_filter.EVERYTHING,
            subscriber=_place(resolve(destination, namespace, scene).url or nowhere),
            reply=reply,
            is_broker=False,
            delivery=_delivery(delivery, resolve(dead, namespace, scene).url if dead else ""),
        )


def _pings(sources: Iterable[Object]) -> Iterator[Subscription]:
    for source in sources:
        url = (source.get("status") or {}).get("sinkUri") or f"http://pingsource.{SYSTEM}.{CLUSTER_DOMAIN}/unresolved"
        yield Subscription(
            id=source["metadata"]["uid"],
            channel=ping_channel(source),
            matches=event_filter.EVERYTHING,
            subscriber=_place(url),
            reply=None,
            is_broker=False,
            delivery=_PING_DELIVERY,
        )


def _wanted(spec: Object) -> Filter:
    """Return a Trigger's filter: `filters` where there are any, else `filter`."""
    if spec.get("filters"):
        return event_filter.All(tuple(filter(None, map(_filter, spec["filters"]))))
    return event_filter.Attributes((spec.get("filter") or {}).get("attributes") or {})


def _filter(dialect: Object) -> Filter | None:
    """Return one of the filters, None for one that says nothing; admission lets only one word through in each."""
    if "not" in dialect:
        return event_filter.Not(_filter(dialect["not"] or {}))
    for word, joined in (("all", event_filter.All), ("any", event_filter.Any)):
        if dialect.get(word):
            return joined(tuple(filter(None, map(_filter, dialect[word]))))
    for word, compared in (
        ("exact", event_filter.Exact),
        ("prefix", event_filter.Prefix),
        ("suffix", event_filter.Suffix),
    ):
        if dialect.get(word):
            return compared(dialect[word])
    return None


def _delivery(spec: Object | None, dead_letter_url: str) -> Delivery:
    spec = spec or _NO_DELIVERY
    seconds = {
        name: period.seconds(spec[name]) for name in ("backoffDelay", "timeout", "retryAfterMax") if name in spec
    }
    return Delivery(
        retry=spec.get("retry") or 0,
        backoff_policy=spec.get("backoffPolicy") or "",
        backoff_delay_seconds=seconds.get("backoffDelay", 0.0),
        timeout_seconds=seconds.get("timeout", 0.0),
        retry_after_max_seconds=seconds.get("retryAfterMax"),
        dead_letter=_place(dead_letter_url) if dead_letter_url else None,
        format=spec.get("format") or "",
    )


def _place(url: str) -> Place:
    parts = urlsplit(url)
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path
    host = parts.hostname or ""
    if is_loopback(url):
        return Place(f"[{host}]:{parts.port or 80}" if ":" in host else f"{host}:{parts.port or 80}", path)
    return Place(host, path)


def _key(obj: Object) -> Key:
    return Key(BROKER, obj["metadata"]["namespace"], obj["metadata"]["name"])


def _channel(sort: str, obj: Object) -> str:
    metadata = obj["metadata"]
    return f"{sort}/{metadata['namespace']}/{metadata['name']}/{metadata['uid']}"


def _step(sequence: Object, step: int) -> str:
    return f"{_channel('sequence', sequence)}/{step}"
