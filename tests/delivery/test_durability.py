"""A Broker that keeps events in memory is told by the doctor, and sent nothing but where that is meant."""

import pytest

from poorwill.delivery.doctor import Level, examine
from poorwill.delivery.durability import ADVICE
from poorwill.delivery.sending import send_event
from poorwill.errors import DeniedError, Fault, RefusedError
from poorwill.events.event import Event
from poorwill.kinds.kind import BROKER, CONFIG_MAP, NAMESPACE, SEQUENCE

IN_MEMORY = "apiVersion: messaging.knative.dev/v1\nkind: InMemoryChannel\n"
KAFKA = "apiVersion: messaging.knative.dev/v1beta1\nkind: KafkaChannel\n"
EVENT = Event(id="1", source="/shop", type="dev.poorwill.data.arrived")


def broker(*, of_class="MTChannelBasedBroker", host="broker-ingress"):
    return {
        "kind": "Broker",
        "metadata": {"name": "default", "annotations": {"eventing.knative.dev/broker.class": of_class}},
        "spec": {"config": {"kind": "ConfigMap", "name": "channels", "namespace": "knative-eventing"}},
        "status": {"address": {"url": f"http://{host}.knative-eventing.svc.cluster.local/models/default"}},
    }


class Cluster:
    """A namespace with one Broker and one Sequence."""

    is_twin, address, namespace = False, "https://cluster.example", "models"

    def __init__(self, template, *, labels=None, sequence="KafkaChannel", **of_broker):
        self.template, self.labels = template, labels or {}
        self.broker, self.sequence = broker(**of_broker), sequence
        self.sent = []

    def get(self, kind, name, *, namespace=""):
        if kind is CONFIG_MAP and name == "channels":
            if self.template is None:
                raise DeniedError(Fault("configmap", "a right", "none", "ask for it"))
            return {"data": {"channel-template-spec": self.template}}
        if kind is NAMESPACE:
            return {"metadata": {"name": name, "labels": self.labels}}
        return self.broker if kind is BROKER else {"metadata": {"name": name}}

    def list(self, kind, labels=None):
        template = {"channelTemplate": {"kind": self.sequence}}
        sequences = [{"metadata": {"name": "digits-data"}, "spec": template}]
        return {BROKER: [self.broker], SEQUENCE: sequences}.get(kind, [])

    def create(self, review):
        return {"status": {"allowed": True}}

    def post_to_service(self, namespace, service, path, headers, body):
        self.sent.append((namespace, service, path))
        return 202, b""


def level(cluster, check):
    (row,) = [row for row in examine(cluster) if row.check == check]
    return row.level


def test_channels_in_memory_are_a_fault_that_says_what_to_choose():
    (row,) = [row for row in examine(Cluster(IN_MEMORY)) if row.check == "broker default"]

    assert (row.level, row.next) == (Level.FAIL, ADVICE)


@pytest.mark.parametrize(
    ("cluster", "found"),
    [
        (Cluster(KAFKA), Level.OK),
        (Cluster(IN_MEMORY, of_class="Kafka"), Level.OK),
        (Cluster(IN_MEMORY, labels={"poorwill.dev/environment": "development"}), Level.OK),
        (Cluster(None), Level.WARN),
        (Cluster("{"), Level.WARN),
    ],
)
def test_what_a_broker_keeps_events_in_is_read_where_its_class_says(cluster, found):
    assert level(cluster, "broker default") == found


def test_a_sequence_has_channels_of_its_own():
    assert level(Cluster(KAFKA, sequence="InMemoryChannel"), "sequence digits-data") == Level.FAIL
    assert level(Cluster(KAFKA), "sequence digits-data") == Level.OK


def test_nothing_is_sent_to_a_broker_that_may_lose_it():
    cluster = Cluster(IN_MEMORY)

    with pytest.raises(RefusedError, match="in-memory channel"):
        send_event(cluster, "default", EVENT)

    assert cluster.sent == []


def test_in_a_namespace_for_development_it_is_sent_all_the_same():
    cluster = Cluster(IN_MEMORY, labels={"poorwill.dev/environment": "development"})

    send_event(cluster, "default", EVENT)

    assert cluster.sent == [("knative-eventing", "broker-ingress", "/models/default")]


def test_an_event_goes_where_the_broker_says_that_it_is():
    cluster = Cluster(KAFKA, of_class="Kafka", host="kafka-broker-ingress")

    send_event(cluster, "default", EVENT)

    assert cluster.sent == [("knative-eventing", "kafka-broker-ingress", "/models/default")]
