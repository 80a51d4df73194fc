"""Events on the twin: through Brokers, Sequences and JobSinks to models, functions and back, none of them lost."""

import json
import os
import signal
import threading
from pathlib import Path

import pytest

from poorwill.local.pods.images import Images
from tests.e2e.behaviour.ground import DIGITS, SAMPLE
from tests.e2e.events.hearing import (
    COMPLETED,
    REQUESTED,
    Reply,
    applied,
    broker,
    listed,
    listening,
    obj,
    send,
    to,
    trigger,
)
from tests.e2e.faults.twin import await_that

DISPLAY = (
    "def predict(inputs, model):\n    return model.run(inputs)\n"
    "def handle_event(event, model):\n    print('heard', event['id'], flush=True)\n"
)
one_path = pytest.mark.parametrize("_place", ["envoy"], indirect=True)


def asleep(twin):
    return not [name for name in twin.processes().values() if name.startswith("digits-v")]


def display(twin):
    """Serve a function that prints the events that it gets, and return its Service's name."""
    source = twin.folder / "functions" / "display"
    source.mkdir(parents=True, exist_ok=True)
    (source / "main.py").write_text(DISPLAY)
    images = twin.folder / ".poorwill" / "images"
    images.mkdir(parents=True, exist_ok=True)
    Images(images).register("dev.local/display:1", source)
    twin.serve("display", container={"image": "dev.local/display:1"})
    return "display"


def test_an_event_wakes_a_model_behind_a_split_and_its_answer_wakes_a_function(twin):
    with listening() as listener:
        applied(
            twin,
            trigger("ask", REQUESTED, to("Route", "digits")),
            trigger("hear", COMPLETED, to("Service", display(twin))),
            trigger("count", COMPLETED, {"uri": listener.url}),
        )
        await_that(lambda: asleep(twin), seconds=120)
        twin.poorwill("send", REQUESTED, "--id", "first", "--subject", "digits", "--data", f"@{DIGITS / 'sample.json'}")
        sent = {f"{number}" for number in range(40)}
        assert {send(twin, id_, REQUESTED, data=SAMPLE) for id_ in sent} == {202}
        await_that(lambda: {event["causationid"] for event in listener.heard} == sent | {"first"}, seconds=120)

        assert {event["modelversion"] for event in listener.heard} == {"1", "2"}, "each version has its share"
        assert json.loads(listener.heard[0]["data"])["model_name"] == "digits"
        assert "knativebrokerttl" not in listener.heard[0]
        (pod,) = twin.pods("display")
        await_that(lambda: twin.kubectl("logs", pod).stdout.count("heard ") >= len(listener.ids()))


@one_path
def test_an_event_that_is_refused_for_a_while_is_sent_again_until_it_is_taken(twin):
    with listening(lambda event: Reply(503 if int(event["times"]) < 2 else 200)) as listener:
        delivery = {"retry": 5, "backoffPolicy": "linear", "backoffDelay": "PT0.1S"}
        applied(twin, trigger("seen", "seen", {"uri": listener.url}, delivery=delivery))
        assert send(twin, "1") == 202
        await_that(lambda: len(listener.heard) == 3)

        assert [event["times"] for event in listener.heard] == ["0", "1", "2"]


@one_path
def test_an_event_that_never_arrives_goes_to_the_brokers_dead_letter_sink_and_says_why(twin):
    with listening(lambda _: Reply(500, body=b"no")) as refusing, listening() as dead:
        delivery = {"retry": 1, "backoffPolicy": "linear", "backoffDelay": "PT0.1S"}
        applied(twin, broker(delivery={**delivery, "deadLetterSink": {"uri": dead.url}}))
        applied(twin, trigger("seen", "seen", {"uri": refusing.url}))
        send(twin, "1")
        await_that(lambda: dead.heard)

        assert len(refusing.heard) == 2
        (event,) = dead.heard
        assert event["knativeerrorcode"] == "500"
        assert event["id"] == "1"
        await_that(lambda: "DeliveryFailed" in twin.kubectl("describe", "trigger", "seen").stdout)


@one_path
def test_a_sequence_hands_each_steps_answer_to_the_next_and_the_last_to_the_broker(twin):
    with (
        listening(lambda _: Reply(type="once")) as first,
        listening(lambda event: Reply(type=f"{event['type']}-twice")) as second,
        listening() as end,
    ):
        steps = [{"uri": first.url}, {"uri": second.url}]
        applied(
            twin,
            obj("flows.knative.dev/v1", "Sequence", "flight", steps=steps, reply=to("Broker", "default")),
            trigger("start", "seen", to("Sequence", "flight")),
            trigger("end", "once-twice", {"uri": end.url}),
        )
        send(twin, "1")
        await_that(lambda: end.heard)

        assert [event["type"] for event in (*first.heard, *second.heard, *end.heard)] == ["seen", "once", "once-twice"]


@one_path
def test_the_same_event_twice_is_one_job_that_runs_once_and_leaves_its_log(twin):
    container = {
        "name": "keep",
        "image": "ghcr.io/poorwill/train:1",
        "args": ["deadletters"],
        "env": [{"name": "POORWILL_STORE", "value": "./store"}],
    }
    pod = {"restartPolicy": "Never", "containers": [container]}
    job = {"spec": {"backoffLimit": 0, "template": {"spec": pod}}}
    applied(twin, obj("sinks.knative.dev/v1alpha1", "JobSink", "nest", job=job))
    applied(twin, trigger("seen", "seen", to("JobSink", "nest")))
    send(twin, "1")
    await_that(lambda: listed(twin, "jobs"))
    (made,) = listed(twin, "jobs", "-l", "sinks.knative.dev/job-sink-name=nest")
    name = made["metadata"]["name"]
    twin.kubectl("wait", "--for=condition=complete", "--timeout=60s", f"job/{name}")
    kept = list(Path(twin.folder, "store", "deadletters").iterdir())
    assert len(kept) == 1
    twin.kubectl("logs", f"job/{name}")

    assert send(twin, "1", host="job-sink.knative-eventing", path="/default/nest") == 202
    assert [one["metadata"]["uid"] for one in listed(twin, "jobs")] == [made["metadata"]["uid"]]
    assert len(listed(twin, "pods", "-l", f"batch.kubernetes.io/job-name={name}")) == 1
    twin.kubectl("delete", f"job/{name}")
    await_that(lambda: not listed(twin, "pods", "-l", f"batch.kubernetes.io/job-name={name}"))


@one_path
def test_a_ping_source_sends_at_its_times(twin):
    with listening() as listener:
        data = {"contentType": "application/json", "data": '{"hello": "owl"}'}
        applied(
            twin,
            trigger("clock", "dev.knative.sources.ping", {"uri": listener.url}),
            obj(
                "sources.knative.dev/v1",
                "PingSource",
                "clock",
                schedule="* * * * * *",
                sink=to("Broker", "default"),
                **data,
            ),
        )
        await_that(lambda: len(listener.heard) >= 2)

        assert {event["data"] for event in listener.heard} == {'{"hello": "owl"}'}
        assert listener.heard[0]["source"] == "/apis/v1/namespaces/default/pingsources/clock"
        assert len(listener.ids()) == len(listener.heard)


def test_a_twin_that_is_killed_loses_no_event_that_it_acknowledged(twin):
    taken: set[str] = set()
    with listening() as listener:
        once = {"retry": 0}  # so that what the next twin sends too early is lost
        applied(
            twin,
            trigger("ask", REQUESTED, to("Route", "digits"), delivery=once),
            trigger("count", COMPLETED, {"uri": listener.url}, delivery=once),
        )

        await_that(lambda: asleep(twin), seconds=120)  # so that events wait when it is killed

        def sender(which):
            number = 0
            while True:
                id_ = f"{which}-{number}"
                if send(twin, id_, REQUESTED, data=SAMPLE) != 202:
                    return
                taken.add(id_)
                number += 1

        threads = [threading.Thread(target=sender, args=(which,)) for which in range(4)]
        for thread in threads:
            thread.start()
        await_that(lambda: len(taken) > 300)
        os.kill(twin.pid, signal.SIGKILL)
        for thread in threads:
            thread.join()
        twin.up()
        await_that(lambda: taken <= {event["causationid"] for event in listener.heard}, seconds=120)


@one_path
def test_kubectl_shows_and_deletes_every_kind(twin):
    applied(
        twin,
        trigger("seen", "seen", to("Route", "digits")),
        obj("flows.knative.dev/v1", "Sequence", "flight", steps=[to("Route", "digits")]),
        obj("sources.knative.dev/v1", "PingSource", "clock", schedule="0 0 1 1 *", sink=to("Broker", "default")),
    )
    shown = twin.kubectl("get", "brokers,triggers,sequences,pingsources").stdout

    assert shown.count(" True ") == 4
    assert "http://digits.default.svc.cluster.local" in shown
    for kind in ("trigger/seen", "sequence/flight", "pingsource/clock", "broker/default"):
        twin.kubectl("delete", kind, "--wait")
    assert listed(twin, "brokers,triggers,sequences,pingsources") == []


@one_path
def test_an_event_for_no_broker_is_refused(twin):
    assert send(twin, "1", path="/default/away") == 404
    assert send(twin, "1", path="/default") == 400
