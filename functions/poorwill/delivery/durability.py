"""Whether what a Broker or a Sequence accepted outlives its pods: in-memory channels are for development alone."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

import yaml

from poorwill.delivery.cluster import Cluster
from poorwill.errors import DeniedError, Fault, NotFoundError, RefusedError
from poorwill.kinds.kind import BROKER, CONFIG_MAP, NAMESPACE, SEQUENCE, Object
from poorwill.kinds.objects import annotations, labels

ENVIRONMENT_LABEL, DEVELOPMENT = "poorwill.dev/environment", "development"
_CLASS = "eventing.knative.dev/broker.class"
_ON_CHANNELS = "MTChannelBasedBroker"
_IN_MEMORY = "InMemoryChannel"
_TEMPLATES = ("channel-template-spec", "channelTemplateSpec")
ADVICE = (
    "lay knative/pipeline/components/kafka-broker or nats-broker over it; for trying things out, "
    f"`kubectl label namespace NAME {ENVIRONMENT_LABEL}={DEVELOPMENT}`"
)

"""What to do about channels in memory."""


class Kept(NamedTuple):
    """Where an object's events are until they are delivered."""

    name: str  # broker default
    channel: str  # a kind of channel, or a Broker's class; "" is not known
    volatile: bool  # gone with a pod


def check_durable(cluster: Cluster, broker: Object) -> None:
    """Raise RefusedError where a Broker may lose what it accepted, and the namespace is not one for development."""
    kept = _broker(cluster, broker)
    if kept.volatile and not is_for_development(cluster):
        raise RefusedError(Fault(kept.name, "events that outlive a pod", "an in-memory channel", ADVICE))


def look(cluster: Cluster) -> Iterator[Kept]:
    """Yield the Brokers and Sequences of the namespace; nothing where Eventing is not installed."""
    try:
        brokers, sequences = cluster.list(BROKER), cluster.list(SEQUENCE)
    except NotFoundError:
        return
    yield from (_broker(cluster, broker) for broker in brokers)
    for sequence in sequences:
        kind = (sequence["spec"].get("channelTemplate") or {}).get("kind", "")
        yield _kept(cluster, f"sequence {sequence['metadata']['name']}", kind)


def is_for_development(cluster: Cluster) -> bool:
    """Return whether the namespace says that it is for development; not where that can't be read."""
    if cluster.is_twin:
        return True
    try:
        namespace = cluster.get(NAMESPACE, cluster.namespace)
    except DeniedError:
        return False
    return namespace is not None and labels(namespace).get(ENVIRONMENT_LABEL) == DEVELOPMENT


def address(broker: Object) -> str:
    """Return where a Broker takes events, "" where it is not ready to say."""
    url: str = ((broker.get("status") or {}).get("address") or {}).get("url", "")
    return url if urlsplit(url).hostname else ""


def _broker(cluster: Cluster, broker: Object) -> Kept:
    name, found = f"broker {broker['metadata']['name']}", annotations(broker).get(_CLASS) or _ON_CHANNELS
    return _kept(cluster, name, _channel_of(cluster, broker) if found == _ON_CHANNELS else found)


def _kept(cluster: Cluster, name: str, channel: str) -> Kept:
    if cluster.is_twin:
        return Kept(name, "the twin's journal", volatile=False)
    return Kept(name, channel, volatile=channel == _IN_MEMORY)


def _channel_of(cluster: Cluster, broker: Object) -> str:
    """Return which kind of channel a Broker's ConfigMap names, "" where it can't be read."""
    reference = broker["spec"].get("config") or {}
    try:
        config = cluster.get(CONFIG_MAP, reference.get("name", ""), namespace=reference.get("namespace", ""))
    except DeniedError:
        return ""
    data = (config or {}).get("data") or {}
    try:
        template = yaml.safe_load(next((data[name] for name in _TEMPLATES if name in data), ""))
    except yaml.YAMLError:
        return ""
    return str(template.get("kind", "")) if isinstance(template, dict) else ""
