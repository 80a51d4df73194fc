"""The objects of eventing say what Knative's controllers (release 1.22) would write of them."""

import json

import pytest

from poorwill.kinds.kind import BROKER, JOB_SINK, PING_SOURCE, SEQUENCE, SERVICE, TRIGGER
from poorwill.local.control import bootstrap
from tests.local.control.eventing import (
    broker,
    job_sink,
    ping_source,
    reference,
    sequence,
    to_broker,
    to_service,
    trigger,
)
from tests.local.control.ground import NAMESPACE, conditions

BROKER_URL = f"http://broker-ingress.knative-eventing.svc.cluster.local/{NAMESPACE}/default"
OWL = f"http://owl.{NAMESPACE}.svc.cluster.local"


@pytest.fixture
def eventing(ground):
    """Return a ground as a twin has it, with one Broker and one Service."""
    bootstrap.ensure(ground.state, "poorwill.localhost")
    ground.apply(broker())
    ground.deploy("owl")
    return ground


def status(ground, kind, name):
    return ground.get(kind, name)["status"]


def unready(ground, kind, name):
    return {type_: told for type_, told in conditions(ground.get(kind, name)).items() if told[0] != "True"}


def test_a_broker_is_ready_at_its_address_and_names_its_channel(eventing):
    told = status(eventing, BROKER, "default")

    assert told["address"] == {"name": "http", "url": BROKER_URL}
    assert told["annotations"] == {
        "knative.dev/channelAddress": f"http://default-kne-trigger-kn-channel.{NAMESPACE}.svc.cluster.local",
        "knative.dev/channelAPIVersion": "messaging.knative.dev/v1",
        "knative.dev/channelKind": "InMemoryChannel",
        "knative.dev/channelName": "default-kne-trigger",
    }
    assert conditions(eventing.get(BROKER, "default")) == {
        "Addressable": ("True", ""),
        "DeadLetterSinkResolved": ("True", "DeadLetterSinkNotConfigured"),
        "EventPoliciesReady": ("True", "OIDCDisabled"),
        "FilterReady": ("True", ""),
        "IngressReady": ("True", ""),
        "Ready": ("True", ""),
        "TriggerChannelReady": ("True", ""),
    }


def test_a_broker_of_another_class_is_left_alone_with_its_triggers(eventing):
    eventing.apply(broker("kafka", class_="Kafka"))
    eventing.apply(trigger("seen", to_service("owl"), broker="kafka"))
    eventing.settle()

    assert "status" not in eventing.get(BROKER, "kafka")
    assert "status" not in eventing.get(TRIGGER, "seen")


def test_a_broker_waits_for_the_config_that_it_names(eventing):
    missing = {"kind": "ConfigMap", "apiVersion": "v1", "namespace": NAMESPACE, "name": "own"}
    eventing.apply(broker("own", config=missing))
    eventing.settle()
    assert unready(eventing, BROKER, "own")["TriggerChannelReady"] == ("False", "ChannelTemplateFailed")

    data = {"channel-template-spec": "apiVersion: messaging.knative.dev/v1beta1\nkind: KafkaChannel\n"}
    metadata = {"name": "own", "namespace": NAMESPACE}
    eventing.state.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})
    eventing.settle()
    assert unready(eventing, BROKER, "own") == {}
    assert status(eventing, BROKER, "own")["annotations"]["knative.dev/channelKind"] == "KafkaChannel"


def test_a_trigger_is_ready_once_its_broker_and_its_subscriber_are(eventing):
    eventing.apply(trigger("seen", to_service("late"), broker="late"))
    eventing.settle()
    assert unready(eventing, TRIGGER, "seen")["Ready"] == ("False", "BrokerDoesNotExist")
    assert conditions(eventing.get(TRIGGER, "seen"))["OIDCIdentityCreated"][1].endswith("for this Broker class")

    eventing.apply(broker("late"))
    eventing.settle()
    assert unready(eventing, TRIGGER, "seen")["Ready"] == ("False", "Unable to get the Subscriber's URI")
    assert "SubscriptionReady" in unready(eventing, TRIGGER, "seen")

    eventing.deploy("late")
    assert unready(eventing, TRIGGER, "seen") == {}
    told = status(eventing, TRIGGER, "seen")
    assert told["subscriberUri"] == f"http://late.{NAMESPACE}.svc.cluster.local"
    assert conditions(eventing.get(TRIGGER, "seen"))["OIDCIdentityCreated"][1] == "authentication-oidc feature disabled"


def test_a_trigger_whose_subscriber_goes_says_so_and_stays_subscribed(eventing):
    eventing.apply(trigger("seen", to_service("owl")))
    eventing.settle()
    eventing.delete(SERVICE, "owl")
    eventing.settle()

    assert unready(eventing, TRIGGER, "seen").keys() == {"Ready", "SubscriberResolved"}
    assert "subscriberUri" not in status(eventing, TRIGGER, "seen")
    words = next(event for event in eventing.told() if event[0] == "Trigger")
    assert words[2:4] == ("Warning", "InternalError")


def test_a_trigger_takes_the_dead_letter_sink_of_its_broker_where_it_has_none(eventing):
    eventing.apply(broker(delivery={"deadLetterSink": to_service("owl")}))
    eventing.deploy("own")
    eventing.apply(trigger("brokers", to_service("owl"), delivery={"retry": 3}))
    eventing.apply(trigger("own", to_service("owl"), delivery={"deadLetterSink": to_service("own")}))
    eventing.settle()

    assert status(eventing, BROKER, "default")["deadLetterSinkUri"] == OWL
    assert status(eventing, TRIGGER, "brokers")["deadLetterSinkUri"] == OWL
    assert status(eventing, TRIGGER, "own")["deadLetterSinkUri"] == f"http://own.{NAMESPACE}.svc.cluster.local"
    assert conditions(eventing.get(TRIGGER, "own"))["DeadLetterSinkResolved"] == ("True", "")


def test_a_trigger_waits_for_the_source_that_it_depends_on(eventing):
    dependency = {"kind": "PingSource", "name": "clock", "apiVersion": "sources.knative.dev/v1"}
    annotations = {"knative.dev/dependency": json.dumps(dependency)}
    eventing.apply(trigger("seen", to_service("owl"), annotations=annotations))
    eventing.settle()
    assert unready(eventing, TRIGGER, "seen")["DependencyReady"] == ("False", "DependencyDoesNotExist")

    eventing.apply(ping_source("clock", to_broker("default")))
    eventing.settle()
    assert unready(eventing, TRIGGER, "seen") == {}


@pytest.mark.parametrize(
    ("uri", "reached"),
    [
        ("http://owl.birds.svc.cluster.local/path", True),
        ("http://owl.birds.poorwill.localhost:8090", True),
        ("http://127.0.0.1:9000/events", True),
        ("http://localhost:9000", True),
        ("http://example.com/", False),
        ("http://169.254.169.254/latest", False),
        ("https://owl.birds.svc.cluster.local", False),
        ("/path", False),
    ],
)
def test_events_go_to_the_twins_own_names_and_to_this_machine_only(eventing, uri, reached):
    eventing.apply(trigger("seen", {"uri": uri}))
    eventing.settle()

    assert (unready(eventing, TRIGGER, "seen") == {}) is reached
    assert ("subscriberUri" in status(eventing, TRIGGER, "seen")) is reached


def test_a_relative_uri_is_joined_to_the_address_of_its_object(eventing):
    eventing.apply(trigger("seen", {**to_service("owl"), "uri": "/events?x=1"}))
    eventing.settle()

    assert status(eventing, TRIGGER, "seen")["subscriberUri"] == f"{OWL}/events?x=1"


def test_a_sequence_has_a_channel_and_a_subscription_for_each_step(eventing):
    eventing.apply(sequence("flight", to_service("owl"), to_service("late"), reply=to_broker("default")))
    eventing.settle()
    told = status(eventing, SEQUENCE, "flight")
    assert told["address"] == {"url": f"http://flight-kn-sequence-0-kn-channel.{NAMESPACE}.svc.cluster.local"}
    assert [entry["channel"]["name"] for entry in told["channelStatuses"]] == [
        "flight-kn-sequence-0",
        "flight-kn-sequence-1",
    ]
    assert [entry["ready"]["status"] for entry in told["subscriptionStatuses"]] == ["True", "False"]
    assert unready(eventing, SEQUENCE, "flight")["Ready"] == ("Unknown", "SubscriptionsNotReady")

    eventing.deploy("late")
    assert unready(eventing, SEQUENCE, "flight") == {}


def test_a_trigger_may_lead_to_a_sequence_and_to_a_job_sink(eventing):
    eventing.apply(sequence("flight", to_service("owl")))
    eventing.apply(job_sink("nest"))
    eventing.apply(trigger("one", reference("flows.knative.dev/v1", "Sequence", "flight")))
    eventing.apply(trigger("two", reference("sinks.knative.dev/v1alpha1", "JobSink", "nest")))
    eventing.settle()

    told = status(eventing, JOB_SINK, "nest")
    assert told["job"] == {"selector": "sinks.knative.dev/job-sink-name=nest"}
    assert conditions(eventing.get(JOB_SINK, "nest"))["Ready"] == ("True", "")
    assert status(eventing, TRIGGER, "one")["subscriberUri"] == status(eventing, SEQUENCE, "flight")["address"]["url"]
    assert status(eventing, TRIGGER, "two")["subscriberUri"] == told["address"]["url"]


def test_a_ping_source_tells_its_sink_and_its_events(eventing):
    eventing.apply(ping_source("clock", to_broker("late")))
    eventing.settle()
    assert unready(eventing, PING_SOURCE, "clock")["SinkProvided"] == ("False", "NotFound")
    assert {event[2:4] for event in eventing.told() if event[0] == "PingSource"} == {("Warning", "SinkNotFound")}

    eventing.apply(broker("late"))
    eventing.settle()
    told = status(eventing, PING_SOURCE, "clock")
    assert told["sinkUri"] == f"http://broker-ingress.knative-eventing.svc.cluster.local/{NAMESPACE}/late"
    source = f"/apis/v1/namespaces/{NAMESPACE}/pingsources/clock"
    assert told["ceAttributes"] == [{"type": "dev.knative.sources.ping", "source": source}]
    assert unready(eventing, PING_SOURCE, "clock") == {}


def test_nothing_is_written_again_where_nothing_changed(eventing):
    eventing.apply(trigger("seen", to_service("owl")))
    eventing.apply(sequence("flight", to_service("owl")))
    eventing.apply(ping_source("clock", to_broker("default")))
    eventing.settle()
    version = eventing.state.version

    eventing.restart()
    eventing.settle()

    assert eventing.state.version == version
