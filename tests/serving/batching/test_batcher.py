"""Through a real server: requests that come at once share runs, and every answer is of its own request."""

import json
import threading
import time
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from poorwill.registry.records import RowTimings
from poorwill.serving.exposition import Exposition
from tests.serving.batching.ledger import FAILING, GAINING, LEDGER, Counted, sharing
from tests.serving.conftest import Caller
from tests.serving.http.carried import PATIENCE_SECONDS, request, running
from tests.serving.test_exposition import samples

PATH = "/v2/models/tiny/infer"
LOOP, THREADS = pytest.param(False, id="on the loop"), pytest.param(True, id="on threads")


def infer(ids, name="", **members):
    tensor = {"name": "id", "datatype": "INT64", "shape": [len(ids)], "data": ids}
    body = json.dumps({"id": name, "inputs": [tensor]} | members).encode()
    return request("POST", PATH, f"X-Request-Id: {name}", body=body)


def wanted(ids):
    return {"amount": [3.0 * number for number in ids], "next": [number + 1 for number in ids]}


def outputs(reply):
    return {output["name"]: output["data"] for output in json.loads(reply.body)["outputs"]}


@contextmanager
def served(model, *, heavy=False, timings=GAINING, settled=True, run_ms=0.1, sampler=None, **flags):
    """Serve a version whose requests share runs of up to eight rows, or as the timings say."""
    told = sharing(model, heavy=heavy, timings=timings if settled else None, run_ms=run_ms)
    caller = Caller(model, heavy=heavy, sharing=told, sampler=sampler)
    caller.application.gate = threading.Event()  # of a probe, which the context opens
    with running(probe=caller.application, **flags) as found:
        yield found, caller


@contextmanager
def clients_of(found, count):
    clients = [found.connect() for _ in range(count)]
    try:
        yield clients
    finally:
        for client in clients:
            client.close()


def at_once(found, messages, count=0):
    """Send messages over as many connections, all there before the server looks at any; return the replies."""
    held, going = threading.Event(), threading.Event()
    turn = found.server._turn

    def hold(fd):
        turn(fd)
        held.set()
        going.wait(PATIENCE_SECONDS)

    with clients_of(found, len(messages)) as clients:
        for client in clients:  # so that all are accepted
            assert client.get("/v2/health/live").status == 200
        found.server._turn = hold
        with found.connect():
            held.wait(PATIENCE_SECONDS)
        for client, message in zip(clients, messages, strict=True):
            client.send(message)
        found.server._turn = turn
        going.set()
        return [[client.reply() for _ in range(count)] if count else client.reply() for client in clients]


def test_light_requests_that_come_at_once_share_runs():
    counted = Counted()
    with served(counted) as (found, caller):
        replies = at_once(found, [infer([number], f"r{number}") for number in range(20)])

    assert [(reply.headers["x-request-id"], outputs(reply)) for reply in replies] == [
        (f"r{number}", wanted([number])) for number in range(20)
    ]
    assert max(counted.rows) == 8
    assert sum(caller.application.shared_requests.values()) == 20
    assert any("batch;desc=8" in reply.headers["server-timing"] for reply in replies)


def test_a_request_by_itself_has_a_run_of_its_own_and_says_nothing_of_others():
    counted = Counted()
    with served(counted) as (found, _), found.connect() as client:
        client.send(infer([7]))
        reply = client.reply()

    assert (outputs(reply), counted.rows) == (wanted([7]), [1])
    assert "batch" not in reply.headers["server-timing"]


def test_heavy_requests_that_wait_share_a_run_when_a_thread_gets_free():
    counted = Counted()
    with served(counted, heavy=True, threads=1) as (found, _), clients_of(found, 6) as clients:
        clients[0].send(infer([0]))
        assert outputs(clients[0].reply()) == wanted([0])

        counted.begun, counted.gate = threading.Semaphore(0), threading.Event()
        clients[0].send(infer([0]))
        counted.begun.acquire()
        for number, client in enumerate(clients[1:], 1):
            client.send(infer([number]))
        while found.server._exchange._pool._jobs.qsize() < 5:
            time.sleep(0.001)  # nothing tells that all of them have come
        counted.gate.set()

        assert [outputs(client.reply()) for client in clients] == [wanted([number]) for number in range(6)]
        assert counted.rows == [1, 1, 5]


def test_a_thread_takes_no_more_than_its_share_of_what_waits():
    counted = Counted()
    with served(counted, heavy=True, threads=2) as (found, _), clients_of(found, 6) as clients:
        clients[0].send(infer([0]))
        clients[0].reply()

        counted.begun, counted.gate = threading.Semaphore(0), threading.Event()
        for client in clients[:2]:
            client.send(infer([0]))
            counted.begun.acquire()
        for client in clients[2:]:
            client.send(infer([0]))
        while found.server._exchange._pool._jobs.qsize() < 4:
            time.sleep(0.001)  # likewise
        counted.gate.set()
        for client in clients:
            client.reply()

        assert max(counted.rows) == 2


def test_heavy_requests_of_another_kind_have_their_turn_among_those_that_share():
    counted = Counted()
    row = request("POST", "/v1/models/tiny:predict", body=b'{"instances": [7]}')
    with served(counted, heavy=True, threads=1) as (found, _), clients_of(found, 6) as clients:
        clients[0].send(infer([0]))
        clients[0].reply()

        counted.begun, counted.gate = threading.Semaphore(0), threading.Event()
        clients[0].send(infer([0]))
        counted.begun.acquire()
        for place, message in enumerate([infer([1]), infer([2]), row, infer([4]), infer([5])], 1):
            clients[place].send(message)
            while found.server._exchange._pool._jobs.qsize() < place:
                time.sleep(0.001)  # likewise
        counted.gate.set()
        replies = [client.reply() for client in clients]

        assert [reply.status for reply in replies] == [200] * 6
        assert counted.rows == [1, 1, 2, 1, 2]
        assert json.loads(replies[3].body)["predictions"] == [{"amount": 21.0, "next": 8}]


def test_a_client_that_has_left_is_left_out_of_the_run():
    counted = Counted()
    with served(counted, heavy=True, threads=1) as (found, _), clients_of(found, 3) as clients:
        clients[0].send(infer([0]))
        clients[0].reply()

        counted.begun, counted.gate = threading.Semaphore(0), threading.Event()
        clients[0].send(infer([0]))
        counted.begun.acquire()
        for client in clients[1:]:
            client.send(infer([1]))
        while found.server._exchange._pool._jobs.qsize() < 2:
            time.sleep(0.001)  # likewise
        clients[1].close()
        while len(found.server._sender.connections) > 2:
            time.sleep(0.001)  # likewise
        counted.gate.set()
        clients[0].reply()

        assert (outputs(clients[2].reply()), counted.rows) == (wanted([1]), [1, 1, 1])


def test_a_model_whose_rows_mind_one_another_is_asked_request_by_request():
    counted = Counted()
    with served(counted, timings=RowTimings("they do")) as (found, _):
        replies = at_once(found, [infer([number]) for number in range(20)])

    assert [outputs(reply) for reply in replies] == [wanted([number]) for number in range(20)]
    assert set(counted.rows) == {1}


def test_the_second_of_two_light_requests_that_come_at_once_has_the_plan_settled():
    counted = Counted()
    with served(counted, timings=None, settled=False) as (found, caller):
        replies = at_once(found, [infer([number]) for number in range(20)])

    assert [outputs(reply) for reply in replies] == [wanted([number]) for number in range(20)]
    assert max(counted.rows) > 8
    assert caller.application.sharing.choice.plan.times


@pytest.mark.parametrize(("heavy", "run_ms"), [(True, 5.0), (False, 0.5)], ids=["heavy", "light, but not short"])
def test_longer_runs_are_timed_beside_requests_that_are_answered_one_by_one_meanwhile(heavy, run_ms):
    counted = Counted()
    with served(counted, settled=False, heavy=heavy, run_ms=run_ms) as (found, caller):
        replies = at_once(found, [infer([number]) for number in range(20)])
        choice = caller.application.sharing.choice
        while choice.is_open:
            time.sleep(0.001)  # nothing tells when the process was idle

    assert [outputs(reply) for reply in replies] == [wanted([number]) for number in range(20)]
    assert choice.plan.times


def test_requests_of_one_connection_are_answered_in_their_order():
    with served(LEDGER) as (found, _):
        replies = at_once(found, [b"".join(infer([number, place]) for place in range(5)) for number in range(4)], 5)

    assert [[outputs(reply) for reply in each] for each in replies] == [
        [wanted([number, place]) for place in range(5)] for number in range(4)
    ]


def test_samples_are_of_each_request_s_own_rows():
    offered = []

    class Sampler:
        sent = dropped = 0

        def offer(self, name, inputs, outputs):
            offered.append((name, inputs["id"].tolist(), outputs["next"].tolist()))

    with served(LEDGER, sampler=lambda *_: Sampler()) as (found, _):
        at_once(found, [infer([number], f"r{number}") for number in range(20)])

    assert sorted(offered) == sorted((f"r{number}", [number], [number + 1]) for number in range(20))


def test_metrics_and_the_version_itself_tell_how_many_requests_had_one_run():
    with served(LEDGER) as (found, caller):
        at_once(found, [infer([number]) for number in range(20)])
        told = json.loads(caller.get("/batching").body)
        metrics = samples(Exposition(caller.application).answer().body)

    assert sum(told["requests"].values()) == 20
    assert told["plan"]["rows_limit"] == 8
    labels = (("model", "tiny"), ("version", "3"))
    assert metrics[("poorwill_batch_requests_sum", *labels)] == 20
    assert metrics[("poorwill_batch_requests_bucket", ("le", "1.0"), *labels)] < 20


message = st.tuples(
    st.lists(st.integers(0, 999), min_size=0, max_size=5), st.sampled_from(["", "fails", "refused", "next"])
)


def sent(ids, kind, name):
    if kind == "refused":
        return request("POST", PATH, f"X-Request-Id: {name}", body=b"{")
    if kind == "next":
        return infer(ids, name, outputs=[{"name": "next"}])
    return infer([*ids, FAILING] if kind == "fails" else ids, name)


@pytest.mark.parametrize("heavy", [LOOP, THREADS])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages=st.lists(message, min_size=1, max_size=24), connections=st.integers(1, 8))
def test_every_answer_is_of_its_own_request_whoever_else_asks_and_fails(heavy, messages, connections):
    with served(LEDGER, heavy=heavy, threads=2) as (found, _), clients_of(found, connections) as clients:
        for place, (ids, kind) in enumerate(messages):
            clients[place % connections].send(sent(ids, kind, f"r{place}"))
        replies = [clients[place % connections].reply() for place in range(len(messages))]

    for place, ((ids, kind), reply) in enumerate(zip(messages, replies, strict=True)):
        assert reply.headers["x-request-id"] == f"r{place}"
        if kind in {"fails", "refused"}:
            assert reply.status == (500 if kind == "fails" else 400)
        else:
            expected = wanted(ids)
            assert json.loads(reply.body)["id"] == f"r{place}"
            assert outputs(reply) == ({"next": expected["next"]} if kind == "next" else expected)
