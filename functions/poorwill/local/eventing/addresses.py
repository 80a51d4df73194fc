"""Where the objects of eventing take events, and to which URLs the twin sends any."""

import re
from urllib.parse import urlsplit

from poorwill.kinds.kind import Object
from poorwill.local.control.labels import child_name

SYSTEM = "knative-eventing"
"""The namespace of Knative Eventing's own parts."""

CLUSTER_DOMAIN = "svc.cluster.local"

BROKER_INGRESS, JOB_INGRESS = "broker-ingress", "job-sink"
"""The Services of that namespace which take events for all Brokers and all JobSinks."""

PING = "dev.knative.sources.ping"
"""The type of a PingSource's events."""

_LOOPBACK = re.compile(r"localhost|127(\.[0-9]{1,3}){3}|::1")


def broker_url(broker: Object) -> str:
    """Return where a Broker takes events."""
    return _at(BROKER_INGRESS, broker)


def job_sink_url(job_sink: Object) -> str:
    """Return where a JobSink takes events."""
    return _at(JOB_INGRESS, job_sink)


def channel_url(name: str, namespace: str) -> str:
    """Return where a channel takes events."""
    return f"http://{channel_service(name)}.{namespace}.{CLUSTER_DOMAIN}"


def channel_service(name: str) -> str:
    """Return the Service by which a channel takes events."""
    return child_name(name, "-kn-channel")


def trigger_channel(broker: str) -> str:
    """Return the name of the channel that a Broker's Triggers take from."""
    return child_name(broker, "-kne-trigger")


def step_channel(sequence: str, step: int) -> str:
    """Return the name of the channel that a Sequence's step takes from."""
    return f"{sequence}-kn-sequence-{step}"


def ping_source(source: Object) -> str:
    """Return the source attribute of a PingSource's events."""
    metadata = source["metadata"]
    return f"/apis/v1/namespaces/{metadata['namespace']}/pingsources/{metadata['name']}"


def is_loopback(url: str) -> bool:
    """Return whether a URL is this machine's own, by a name that no Route has."""
    return _LOOPBACK.fullmatch(urlsplit(url).hostname or "") is not None


def unreachable(url: str, domain: str) -> str:
    """Return why the twin sends nothing to a URL, "" where it does.

    Args:
        url: absolute.
        domain: what the external hosts of Routes end in.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "not a URL that the twin can read"
    if parts.scheme != "http":
        return "the twin sends events over http only"
    if is_loopback(url) or host.endswith((".svc", f".{CLUSTER_DOMAIN}", f".{domain}")):
        return ""
    names = f"*.svc, *.{CLUSTER_DOMAIN} and *.{domain}"
    return f"the twin sends events to {names}, and to this machine by 127.0.0.1 or localhost, and to nobody else"


def _at(service: str, obj: Object) -> str:
    metadata = obj["metadata"]
    return f"http://{service}.{SYSTEM}.{CLUSTER_DOMAIN}/{metadata['namespace']}/{metadata['name']}"
