"""Events go through Brokers, Sequences and JobSinks to models and back; what can't be delivered is not lost quietly."""

import json
import signal
from base64 import b64decode
from contextlib import ExitStack

import pytest

from tests.e2e.behaviour.ground import DIGITS
from tests.e2e.events.hearing import (
    COMPLETED,
    REQUESTED,
    Reply,
    applied,
    broker,
    listed,
    listening,
    obj,
    to,
    trigger,
    watching,
)
from tests.e2e.faults.twin import await_that

KINDS = "triggers,sequences,jobsinks,pingsources"
MADE_ON_CLUSTERS = "subscriptions.messaging.knative.dev,inmemorychannels.messaging.knative.dev"
TRAIN = "ghcr.io/poorwill/train:0.1.0"  # as the manifests name it
SOON = {"retry": 3, "backoffPolicy": "linear", "backoffDelay": "PT0.1S"}
MINUTE_SECONDS, LONG_SECONDS = 60, 120


@pytest.fixture(scope="module")
def _development(ground):
    # elsewhere nothing is sent to channels in memory
    ground.kubectl("label", "namespace", ground.namespace, "poorwill.dev/environment=development")
    return ground


@pytest.fixture
def events(_development):
    """Yield the ground with a Broker and nothing else of eventing."""
    applied(_development, broker())
    yield _development
    delete_all(_development)
    _development.kubectl("delete", "jobs", "--all")


def delete_all(ground):
    """Delete all of eventing, the Broker too: a cluster's channel may keep who left it together with others."""
    ground.kubectl("delete", f"{KINDS},brokers", "--all", "--wait")
    if not ground.is_twin:  # whose channels are no objects
        await_that(lambda: listed(ground, MADE_ON_CLUSTERS) == [], seconds=LONG_SECONDS)


def send(ground, id_, type_="seen", **more):
    """Send an event as a user would."""
    options = [word for name, value in more.items() for word in (f"--{name}", value)]
    ground.poorwill("send", type_, "--id", id_, *options)


def test_an_event_wakes_the_versions_behind_a_split_and_their_answers_are_events_of_the_broker(events):
    events.deploy("digits@1")
    events.deploy("digits@2")
    events.poorwill("split", "digits", "v1=50", "v2=50")
    applied(events, trigger("ask", REQUESTED, to("Route", "digits")))
    watcher = watching(events, "--type", COMPLETED)
    for service in ("digits-v1", "digits-v2"):
        events.await_sleep(service)

    versions, numbers = set(), iter(range(20))
    while versions != {"1", "2"}:
        id_ = f"picture-{next(numbers)}"
        send(events, id_, REQUESTED, subject="digits", data=f"@{DIGITS / 'sample.json'}")
        event = json.loads(watcher.stdout.readline())
        assert event["causationid"] == id_
        assert event["data"]["model_name"] == "digits"
        assert "knativebrokerttl" not in event
        versions.add(event["modelversion"])

    watcher.send_signal(signal.SIGINT)
    watcher.communicate(timeout=LONG_SECONDS)
    events.kubectl("delete", "trigger", "ask")
    assert listed(events, "triggers") == []


def test_an_event_that_is_refused_for_a_while_is_sent_again_until_it_is_taken(events, here):
    with listening(lambda event: Reply(503 if int(event["times"]) < 2 else 200), here) as listener:
        applied(events, trigger("again", "seen", {"uri": listener.url}, delivery=SOON))
        send(events, "1")
        await_that(lambda: len(listener.heard) == 3)

        assert [event["times"] for event in listener.heard] == ["0", "1", "2"]


def test_an_event_that_never_arrives_is_a_dead_letter_that_says_why(events, here):
    with listening(lambda _: Reply(500, body=b"no"), here) as refusing, listening(host=here) as dead:
        delivery = {**SOON, "retry": 1, "deadLetterSink": {"uri": dead.url}}
        applied(events, trigger("refused", "seen", {"uri": refusing.url}, delivery=delivery))
        send(events, "1", data='{"n": 1}')
        await_that(lambda: dead.heard)

        assert len(refusing.heard) == 2
        (event,) = dead.heard
        assert (event["id"], event["type"], json.loads(event["data"])) == ("1", "seen", {"n": 1})
        assert event["knativeerrordest"] == refusing.url
        assert event["knativeerrorcode"] == "500"
        assert b64decode(event["knativeerrordata"]) == b"no"


def test_what_a_model_can_not_read_is_a_dead_letter_at_once(events, here):
    events.deploy("digits@1")
    with listening(host=here) as dead:
        delivery = {**SOON, "deadLetterSink": {"uri": dead.url}}
        applied(events, trigger("unread", REQUESTED, to("Route", "digits"), delivery=delivery))
        send(events, "1", REQUESTED, data='{"inputs": 3}')
        await_that(lambda: dead.heard, seconds=LONG_SECONDS)

        (event,) = dead.heard
        assert event["knativeerrorcode"] == "400"
        assert event["knativeerrordest"].rstrip("/") == f"http://digits.{events.namespace}.svc.cluster.local"


def test_filters_choose_by_exact_prefix_suffix_all_any_and_not(events, here):
    owl, wren = {"exact": {"type": "bird.owl"}}, {"exact": {"type": "bird.wren"}}
    filters = {
        "exact": (owl, {"bird.owl"}),
        "prefix": ({"prefix": {"type": "bird."}}, {"bird.owl", "bird.wren"}),
        "suffix": ({"suffix": {"type": ".owl"}}, {"bird.owl", "toy.owl"}),
        "all": ({"all": [{"prefix": {"type": "bird."}}, {"suffix": {"type": ".owl"}}]}, {"bird.owl"}),
        "any": ({"any": [wren, {"exact": {"type": "toy.owl"}}]}, {"bird.wren", "toy.owl"}),
        "not": ({"not": owl}, {"bird.wren", "toy.owl"}),
    }
    with ExitStack() as stack:
        heard = {name: stack.enter_context(listening(host=here)) for name in filters}
        spec = {name: {"filters": [one], "subscriber": {"uri": heard[name].url}} for name, (one, _) in filters.items()}
        applied(
            events,
            *(obj("eventing.knative.dev/v1", "Trigger", name, broker="default", **spec[name]) for name in filters),
        )
        for type_ in ("bird.owl", "bird.wren", "toy.owl"):
            send(events, type_, type_)
        await_that(lambda: all(wanted <= heard[name].ids() for name, (_, wanted) in filters.items()))

        assert {name: listener.ids() for name, listener in heard.items()} == {
            name: wanted for name, (_, wanted) in filters.items()
        }


def test_an_answer_to_a_broker_that_is_no_event_is_a_failure_that_is_tried_again(events, here):
    with listening(lambda event: Reply(body=b"words" if event["times"] == "0" else b""), here) as listener:
        applied(events, trigger("words", "seen", {"uri": listener.url}, delivery=SOON))
        send(events, "1")
        await_that(lambda: len(listener.heard) == 2)


def test_a_sequence_hands_answers_on_and_ends_at_one_that_is_no_event(events, here):
    def answer(event):
        return Reply(body=b"words") if event["id"] == "ends" else Reply(type="once")

    with (
        listening(answer, here) as first,
        listening(lambda event: Reply(type=f"{event['type']}-twice"), here) as second,
        listening(host=here) as end,
    ):
        steps = [{"uri": first.url}, {"uri": second.url}]
        applied(
            events,
            obj("flows.knative.dev/v1", "Sequence", "flight", steps=steps, reply=to("Broker", "default")),
            trigger("start", "seen", to("Sequence", "flight")),
            trigger("end", "once-twice", {"uri": end.url}),
        )
        for id_ in ("ends", "goes"):
            send(events, id_)
        await_that(lambda: end.heard)

        assert sorted(event["id"] for event in first.heard) == ["ends", "goes"]
        assert [(event["id"], event["type"]) for event in second.heard] == [("goes", "once")]
        assert [(event["id"], event["type"]) for event in end.heard] == [("goes", "once-twice")]


def test_the_same_event_twice_is_one_job_that_has_it(events):
    container = {"name": "tell", "image": TRAIN, "args": ["listen"]}
    pod = {"restartPolicy": "Never", "containers": [container]}
    job = {"spec": {"backoffLimit": 0, "template": {"spec": pod}}}
    applied(
        events,
        obj("sinks.knative.dev/v1alpha1", "JobSink", "nest", job=job),
        trigger("once", "seen", to("JobSink", "nest")),
    )
    for id_ in ("1", "1", "2"):
        send(events, id_, data='{"n": 1}')
        await_that(lambda: listed(events, "jobs"))
    of_sink = ("-l", "sinks.knative.dev/job-sink-name=nest")
    await_that(lambda: len(listed(events, "jobs", *of_sink)) > 1)

    names = [job["metadata"]["name"] for job in listed(events, "jobs", *of_sink)]
    events.kubectl("wait", "--for=condition=complete", "--timeout=120s", *(f"job/{name}" for name in names))
    lines = [events.kubectl("logs", f"job/{name}").stdout.splitlines() for name in names]
    told = [json.loads(line) for each in lines for line in each if '"specversion"' in line]
    assert sorted((event["id"], event["data"]["n"]) for event in told) == [("1", 1), ("2", 1)]


def test_a_ping_source_sends_its_data_at_its_time(events, here):
    with listening(host=here) as listener:
        data = {"contentType": "application/json", "data": '{"hello": "owl"}'}
        applied(
            events,
            trigger("clock", "dev.knative.sources.ping", {"uri": listener.url}),
            obj(
                "sources.knative.dev/v1",
                "PingSource",
                "clock",
                schedule="* * * * *",
                sink=to("Broker", "default"),
                **data,
            ),
        )
        await_that(lambda: listener.heard, seconds=2 * MINUTE_SECONDS)

        assert listener.heard[0]["data"] == '{"hello": "owl"}'
        assert listener.heard[0]["source"] == f"/apis/v1/namespaces/{events.namespace}/pingsources/clock"


def test_an_event_for_no_broker_is_refused(events):
    done = events.poorwill("send", "seen", "--broker", "away", code=66)

    assert "wanted" in done.stderr


def test_what_is_deleted_leaves_nothing(events):
    applied(
        events,
        trigger("seen", "seen", to("Broker", "default")),
        obj("flows.knative.dev/v1", "Sequence", "flight", steps=[to("Broker", "default")]),
        obj("sources.knative.dev/v1", "PingSource", "clock", schedule="0 0 1 1 *", sink=to("Broker", "default")),
    )

    delete_all(events)

    assert listed(events, f"{KINDS},brokers") == []
