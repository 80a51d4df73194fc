"""An event to a Broker, from wherever a kubeconfig reaches: through the API server, as the Broker has no host outside.

The right that it takes is `create services/proxy` in knative-eventing; whoever has none lets a function send.
"""

from urllib.parse import urlsplit

from poorwill.delivery.cluster import Cluster
from poorwill.delivery.durability import address, check_durable
from poorwill.errors import DeniedError, Fault, InvalidRequestError, NotFoundError, UnavailableError
from poorwill.events.codec import encode_binary
from poorwill.events.event import Event
from poorwill.kinds.kind import BROKER

EVENTING_NAMESPACE, INGRESS = "knative-eventing", "broker-ingress"


def send_event(cluster: Cluster, broker: str, event: Event) -> None:
    """Return once a Broker of the cluster's namespace has accepted an event, which is then delivered at least once.

    Raises:
        NotFoundError: no such Broker.
        InvalidRequestError: the Broker refuses the event.
        RefusedError: the Broker may lose events, and the namespace is not one for development.
        DeniedError: a right is missing, or the Broker lets nobody in.
        UnavailableError: Eventing is away.
    """
    headers, body = encode_binary(event)
    namespace, service, path = _place(cluster, broker)
    status, _ = cluster.post_to_service(namespace, service, path, headers, body)
    if status == 202:
        return
    where = f"Broker {broker}"
    if status == 404:
        advice = "`kubectl get brokers` lists them; knative/pipeline has one"
        raise NotFoundError(Fault(where, f"one in namespace {cluster.namespace}", "none", advice))
    if status in {401, 403}:
        advice = "see the EventPolicies of its namespace"
        raise DeniedError(Fault(where, "a Broker that takes events from you", "one that does not", advice))
    if status < 500:
        advice = "look at its attributes and its size"
        raise InvalidRequestError(Fault(where, "an event that it takes", f"one that it refuses, HTTP {status}", advice))
    advice = "try again; `kubectl -n knative-eventing get pods` shows whether it is up"
    raise UnavailableError(Fault(where, "202, accepted", f"HTTP {status}", advice))


def _place(cluster: Cluster, broker: str) -> tuple[str, str, str]:
    """Return the namespace and the name of the Service that takes a Broker's events, and the path there."""
    usual = EVENTING_NAMESPACE, INGRESS, f"/{cluster.namespace}/{broker}"
    try:
        found = cluster.get(BROKER, broker)
    except DeniedError:  # whoever may only send
        return usual
    if found is None:
        return usual
    check_durable(cluster, found)
    url = urlsplit(address(found))
    service, _, rest = (url.hostname or "").partition(".")
    namespace = rest.partition(".")[0]
    return (namespace, service, url.path) if namespace else usual
