"""The objects of eventing come to channels and subscriptions; of nobody else's objects anything is read."""

import pytest

from poorwill.events.event import Event
from poorwill.kinds.kind import BROKER, PING_SOURCE, SEQUENCE, SERVICE, TRIGGER
from poorwill.local.control import bootstrap
from poorwill.local.control.destinations import Scene
from poorwill.local.eventing import event_filter
from poorwill.local.eventing.event_filter import passes
from poorwill.local.eventing.subscription import Delivery, Place
from poorwill.local.eventing.subscriptions import Sources, channels, ping_channel
from tests.local.control.eventing import broker, ping_source, sequence, to_broker, to_service, trigger
from tests.local.control.ground import NAMESPACE, Ground

INGRESS = "broker-ingress.knative-eventing.svc.cluster.local"
OWL = Place(f"owl.{NAMESPACE}.svc.cluster.local", "")


@pytest.fixture
def ground(tmp_path):
    """Yield a state as a twin has it, with a Broker and a Service."""
    ground = Ground(tmp_path)
    bootstrap.ensure(ground.state, "poorwill.localhost")
    ground.apply(broker())
    ground.deploy("owl")
    yield ground
    ground.state.close()


EVENT = Event(id="1", source="owls", type="seen")


def made(ground):
    ground.settle()
    lists = (ground.state.list(kind) for kind in (BROKER, TRIGGER, SEQUENCE, PING_SOURCE))
    return channels(Sources(*lists, scene=Scene(ground.state.get, "poorwill.localhost")))


def only(ground):
    (subscription,) = made(ground).subscriptions
    return subscription


def uid(ground, kind, name):
    return ground.get(kind, name)["metadata"]["uid"]


def test_a_broker_takes_events_by_each_of_its_hosts_at_its_own_path(ground):
    channel = f"broker/{NAMESPACE}/default/{uid(ground, BROKER, 'default')}"

    assert made(ground).addresses == {
        (host, f"/{NAMESPACE}/default"): channel
        for host in (INGRESS, "broker-ingress.knative-eventing.svc", "broker-ingress.knative-eventing")
    }


def test_a_trigger_takes_from_its_broker_and_its_replies_go_back_there(ground):
    ground.apply(trigger("seen", {**to_service("owl"), "uri": "/events?x=1"}))
    found = only(ground)

    channel = f"broker/{NAMESPACE}/default/{uid(ground, BROKER, 'default')}"
    assert (found.id, found.channel, found.reply) == (uid(ground, TRIGGER, "seen"), channel, channel)
    assert found.subscriber == OWL._replace(path="/events?x=1")
    assert found.is_broker
    assert found.delivery == Delivery()


def test_a_place_on_this_machine_keeps_its_port_and_others_are_the_gateways(ground):
    ground.apply(trigger("here", {"uri": "http://127.0.0.1:9000"}))
    assert only(ground).subscriber == Place("127.0.0.1:9000", "")

    ground.apply(trigger("here", {"uri": "http://127.0.0.1:9000/"}))
    assert only(ground).subscriber == Place("127.0.0.1:9000", "/")

    ground.apply(trigger("here", {"uri": "http://owl.birds.poorwill.localhost:8090/x"}))
    assert only(ground).subscriber == Place("owl.birds.poorwill.localhost", "/x")


def test_a_triggers_delivery_replaces_its_brokers_whole_but_for_the_dead_letter_sink(ground):
    delivery = {
        "retry": 10,
        "backoffPolicy": "exponential",
        "backoffDelay": "PT0.2S",
        "deadLetterSink": to_service("owl"),
    }
    ground.apply(broker(delivery=delivery))
    ground.apply(trigger("seen", to_service("owl")))
    assert only(ground).delivery == Delivery(10, "exponential", 0.2, dead_letter=OWL)

    own = {"retry": 2, "timeout": "PT30S", "retryAfterMax": "PT1M", "format": "json"}
    ground.apply(trigger("seen", to_service("owl"), delivery=own))
    assert only(ground).delivery == Delivery(2, "", 0.0, 30.0, 60.0, OWL, "json")


def test_filters_win_over_the_filter(ground):
    attributes = {"attributes": {"type": "seen", "kind": ""}}
    ground.apply(trigger("seen", to_service("owl"), filter=attributes))
    assert only(ground).matches == event_filter.Attributes({"type": "seen", "kind": ""})

    filters = [{"not": {"exact": {"type": "a"}}}, {"any": [{"prefix": {"type": "b"}}, {"suffix": {"type": "c"}}]}]
    ground.apply(trigger("seen", to_service("owl"), filter=attributes, filters=filters))
    assert only(ground).matches == event_filter.All(
        (
            event_filter.Not(event_filter.Exact({"type": "a"})),
            event_filter.Any((event_filter.Prefix({"type": "b"}), event_filter.Suffix({"type": "c"}))),
        )
    )


def test_a_trigger_subscribes_once_its_subscriber_is_there_and_keeps_its_events_when_it_goes(ground):
    ground.apply(trigger("seen", to_service("late")))
    assert not passes(only(ground).matches, EVENT)

    ground.deploy("late")
    before = only(ground)
    assert passes(before.matches, EVENT)
    ground.delete(SERVICE, "late")
    after = only(ground)
    assert (after.id, after.channel) == (before.id, before.channel)
    assert after.subscriber.host == "broker-filter.knative-eventing.svc.cluster.local", "where nobody answers but 404"


def test_a_subscription_goes_with_its_broker(ground):
    ground.apply(trigger("seen", to_service("owl")))
    first = only(ground).channel
    ground.delete(BROKER, "default")
    assert made(ground).subscriptions == ()

    ground.apply(broker())
    assert only(ground).channel != first, "a Broker that is made anew has none of the old one's events"


def test_the_replies_of_a_sequences_step_enter_the_next_steps_channel(ground):
    ground.apply(sequence("flight", to_service("owl"), to_service("owl"), reply=to_broker("default")))
    found = made(ground)
    first, second = found.subscriptions

    channel = f"sequence/{NAMESPACE}/flight/{uid(ground, SEQUENCE, 'flight')}"
    assert found.addresses[f"flight-kn-sequence-0-kn-channel.{NAMESPACE}.svc.cluster.local", "/"] == f"{channel}/0"
    assert (first.channel, first.reply) == (f"{channel}/0", f"{channel}/1")
    assert (second.channel, second.reply) == (f"{channel}/1", Place(INGRESS, f"/{NAMESPACE}/default"))
    assert not first.is_broker


def test_a_ping_source_is_a_channel_with_one_subscriber_its_sink(ground):
    ground.apply(ping_source("clock", to_broker("default")))
    found = only(ground)

    assert found.channel == ping_channel(ground.get(PING_SOURCE, "clock"))
    assert (found.subscriber, found.reply) == (Place(INGRESS, f"/{NAMESPACE}/default"), None)
    assert found.delivery.retry == 5
