"""A step is done once for its key, and answers every delivery of its event with the same reply."""

import msgspec
import pytest

from poorwill.errors import FailedError, Fault, InvalidRequestError, UnavailableError
from poorwill.events.event import EventType
from poorwill.pipeline import run_store
from poorwill.pipeline.artifacts import read_artifact
from poorwill.pipeline.chain import begun_run
from poorwill.pipeline.lease import take_lease
from poorwill.pipeline.perform import pass_by, perform
from poorwill.pipeline.spec_file import decode_spec
from poorwill.pipeline.step import Made, Outcome, StepFailedError
from tests.pipeline import works
from tests.registry.interleaving import Watched


def chain(shop, steps, event):
    """Perform all steps for an event, and return what came of those that the spec has."""
    done = []
    for name in ("ingest", "validate", "train", "evaluate", "register"):
        done.append(perform(shop, steps[name], event) if name in steps else pass_by(shop, name, event))
        event = done[-1].reply
    return [performed for performed in done if performed.record]


def ready(shop, steps, event):
    """Return the event that the step train takes up."""
    return pass_by(shop, "validate", perform(shop, steps["ingest"], event).reply).reply


def test_a_chain_of_events_ends_with_a_version_and_its_data(store, pipeline):
    ingest, train, register = chain(works.shop(store, pipeline), works.steps(), works.arrived(21))

    data = msgspec.json.decode(register.reply.data)
    assert [done.reply.type for done in (ingest, train, register)] == [
        EventType.DATA_INGESTED, EventType.MODEL_TRAINED, EventType.MODEL_REGISTERED,
    ]  # fmt: skip
    assert read_artifact(store, train.record.artifacts[0]) == b"42 at try 1"
    assert (data["model"], data["version"], data["percent"]) == ("sum", 1, 0)
    assert data["digest"] == train.record.artifacts[0].digest
    assert register.reply.extensions["run"] == ingest.run.run == register.reply.subject


def test_every_delivery_of_an_event_gets_the_same_reply_and_works_no_more(store, pipeline):
    shop, steps = works.shop(store, pipeline), works.steps()

    first = chain(shop, steps, works.arrived())
    second = chain(shop, steps, works.arrived())

    assert second == first
    assert [len(step.worked) for step in steps.values()] == [1, 1, 1]


def test_another_run_with_the_same_key_takes_the_result_that_is_there(store, pipeline):
    shop, steps = works.shop(store, pipeline), works.steps()

    first = chain(shop, steps, works.arrived(event_id="1"))
    second = chain(shop, steps, works.arrived(event_id="2"))

    assert [done.record.reused for done in (*first, *second)] == [False] * 3 + [True] * 3
    assert second[1].record.artifacts == first[1].record.artifacts
    assert first[0].run.run != second[0].run.run
    assert [len(step.worked) for step in steps.values()] == [1, 1, 1]


def test_a_result_says_what_decided_it(store, pipeline):
    _, train, _ = chain(works.shop(store, pipeline), works.steps(), works.arrived())

    result = run_store.find_result(store, train.record.key)

    assert result.decided_by == {
        "step": "train", "data": run_store.find_step(store, train.run.run, "ingest").artifacts[0].digest,
        "parameters": {"factor": 2},
    }  # fmt: skip


def test_a_result_whose_bytes_are_lost_is_made_again(store, pipeline):
    shop, steps = works.shop(store, pipeline), works.steps()
    artifact = chain(shop, steps, works.arrived(event_id="1"))[0].record.artifacts[0]
    store.delete(f"blobs/{artifact.digest.replace(':', '/')}")

    again = chain(shop, steps, works.arrived(event_id="2"))[0].record

    assert read_artifact(store, artifact) == b"1"
    assert again.artifacts[0].digest == artifact.digest


def collected(store):
    """Return the store as it is beside a `gc` that deletes what no record names yet."""

    def collect(name):
        if name == "put_if_absent" and not any(store.list("results/")):
            for blob in list(store.list("blobs/")):
                store.delete(blob.key)

    return Watched(store, collect)


def test_what_a_late_gc_took_before_a_record_named_it_is_stored_again(store, pipeline):
    done = perform(works.shop(collected(store), pipeline), works.Ingest(), works.arrived())

    blobs = {entry.key.rpartition("/")[2] for entry in store.list("blobs/")}
    assert done.record.artifacts[0].digest.removeprefix("sha256:") in blobs


def test_a_runs_spec_is_there_though_a_late_gc_took_it(store, pipeline):
    run = begun_run(works.arrived(), pipeline)
    run_store.keep_run(collected(store), run, pipeline.document)

    (blob,) = store.list("blobs/")
    assert decode_spec(store.get(blob.key).data) == pipeline.spec


def test_work_that_another_has_in_hand_is_for_later(store, pipeline):
    shop, steps = works.shop(store, pipeline), works.steps()
    key = chain(shop, steps, works.arrived(event_id="1"))[0].record.key
    store.delete(f"results/{key.removeprefix('sha256:')}.json")
    store.delete(f"leases/{key.removeprefix('sha256:')}.json")
    take_lease(store, key, "another", "another", lease_seconds=7, clock=shop.clock)

    with pytest.raises(UnavailableError) as refused:
        perform(shop, steps["ingest"], works.arrived(event_id="2"))

    assert 1 <= refused.value.retry_after_seconds <= 7
    assert len(steps["ingest"].worked) == 1


def test_an_expired_lease_holds_nobody_up(store, pipeline):
    shop, steps = works.shop(store, pipeline, clock=lambda: 1000.0), works.steps()
    key = chain(shop, steps, works.arrived(event_id="1"))[0].record.key
    store.delete(f"results/{key.removeprefix('sha256:')}.json")
    store.delete(f"leases/{key.removeprefix('sha256:')}.json")
    take_lease(store, key, "another", "another", lease_seconds=7, clock=lambda: 900.0)

    perform(shop, steps["ingest"], works.arrived(event_id="2"))

    assert len(steps["ingest"].worked) == 2


def test_who_waits_takes_what_the_other_worker_made(store, pipeline):
    steps = works.steps()
    key = chain(works.shop(store, pipeline), steps, works.arrived(event_id="1"))[0].record.key
    name = f"results/{key.removeprefix('sha256:')}.json"
    result = store.get(name).data
    store.delete(name)
    store.delete(f"leases/{key.removeprefix('sha256:')}.json")
    take_lease(store, key, "another", "another", lease_seconds=60, clock=works.shop(store, pipeline).clock)
    shop = works.shop(store, pipeline, sleep=lambda seconds: store.put(name, result))

    done = perform(shop, steps["ingest"], works.arrived(event_id="2"), wait_seconds=600)

    assert done.record.reused
    assert len(steps["ingest"].worked) == 1


class Failing(works.Train):
    """Fails, with a report."""

    def run(self, work):
        report = work.scratch / "report"
        report.write_text("why")
        faults = [Fault(f"limit {number}", "more", "less", "x" * 5000) for number in range(50)]
        raise StepFailedError(
            *faults, artifacts=(Made("model.report", report, "text/plain"),), facts={"verdict": "fail"}
        )


def test_a_step_that_cant_succeed_is_recorded_and_never_tried_again(store, pipeline):
    shop, steps = works.shop(store, pipeline), works.steps() | {"train": Failing()}
    event = ready(shop, steps, works.arrived())

    failed = perform(shop, steps["train"], event)
    again = perform(shop, works.Train(), event)

    data = msgspec.json.decode(failed.reply.data)
    assert failed.reply.type == EventType.STEP_FAILED
    assert (data["step"], data["troubles"][0]["where"], data["facts"]) == ("train", "limit 0", {"verdict": "fail"})
    assert len(failed.reply.data) < 64_000
    assert read_artifact(store, failed.record.artifacts[0]) == b"why"
    assert again == failed
    assert not list(store.list("results/")) or run_store.find_result(store, failed.record.key) is None


@pytest.mark.parametrize("much", [{"facts": {"rows": ["x" * 1000] * 100}}, {"facts": {}, "text": "\U0001f426" * 600}])
def test_an_event_stays_small_whatever_a_step_has_to_say(store, pipeline, much):
    class Verbose(works.Train):
        def run(self, work):
            faults = [Fault(*[much.get("text", "x")] * 4)] * 20
            raise StepFailedError(*faults, facts=much["facts"])

    shop, steps = works.shop(store, pipeline), works.steps()

    done = perform(shop, Verbose(), ready(shop, steps, works.arrived()))

    assert len(done.reply.data) < 64_000
    assert msgspec.json.decode(done.reply.data)["run"] == done.run.run
    assert len(done.record.troubles) == 20
    assert done.record.facts == much["facts"]


def test_who_fails_where_another_was_done_meanwhile_takes_the_result(store, pipeline):
    class Unlucky(works.Train):
        def run(self, work):
            perform(shop._replace(clock=lambda: shop.clock() + 1e6), steps["train"], second)
            raise StepFailedError(Fault("train", "memory", "none", "free some"))

    shop, steps = works.shop(store, pipeline), works.steps()
    first, second = (ready(shop, steps, works.arrived(event_id=name)) for name in "ab")

    done = perform(shop, Unlucky(), first)

    assert (done.record.state, done.record.reused) == ("completed", True)


def test_a_step_may_only_give_what_its_spec_names(store, pipeline):
    class Wrong(works.Ingest):
        def run(self, work):
            (made,) = super().run(work).artifacts
            return Outcome((made._replace(name="model"),))

    with pytest.raises(ValueError, match="may only give data"):
        perform(works.shop(store, pipeline), Wrong(), works.arrived())

    assert list(store.list("results/")) == []


def test_a_store_that_is_away_leaves_the_step_to_the_next_delivery(store, pipeline):
    class Away(works.Train):
        def run(self, work):
            raise UnavailableError(Fault("store", "an answer", "none", "repeat"))

    shop, steps = works.shop(store, pipeline), works.steps()
    event = ready(shop, steps, works.arrived())

    with pytest.raises(UnavailableError):
        perform(shop, Away(), event)

    assert perform(shop, steps["train"], event).record.state == "completed"


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"\xff", b'{"pipeline":"sums"}', b'{"pipeline":"other","object":"1"}',
             b'{"pipeline":"sums","object":""}'],
)  # fmt: skip
def test_an_event_that_refers_to_nothing_of_this_pipeline_is_refused_for_good(store, pipeline, data):
    event = msgspec.structs.replace(works.arrived(), data=data)

    with pytest.raises(InvalidRequestError):
        perform(works.shop(store, pipeline), works.Ingest(), event)

    assert list(store.list("")) == []


@pytest.mark.parametrize("run", ["sums-0123456789abcdef", "../../models", ""])
def test_an_event_of_no_run_is_refused_for_good(store, pipeline, run):
    event = ready(works.shop(store, pipeline), works.steps(), works.arrived())
    event = msgspec.structs.replace(event, data=msgspec.json.encode({"pipeline": "sums", "run": run}))

    with pytest.raises((InvalidRequestError, FailedError)):
        perform(works.shop(store, pipeline), works.Train(), event)


def test_a_run_goes_no_further_with_a_spec_that_was_changed_meanwhile(store, pipeline, tmp_path):
    event = ready(works.shop(store, pipeline), works.steps(), works.arrived())
    later = works.write_pipeline(tmp_path / "later", works.SPEC.replace("factor: 2", "factor: 3"))

    done = perform(works.shop(store, later), works.Train(), event)

    assert done.record.state == "failed"
    assert "changed" in done.record.troubles[0].found


def test_a_step_that_the_spec_leaves_out_lets_its_event_through(store, pipeline):
    class Validate(works.Train):
        name = "validate"

    shop = works.shop(store, pipeline)
    event = perform(shop, works.Ingest(), works.arrived()).reply

    first, second = (perform(shop, Validate(), event) for _ in range(2))

    assert first.reply.type == EventType.DATA_VALIDATED
    assert first == second
    assert msgspec.json.decode(first.reply.data)["skipped"] is True


def test_a_chain_ends_where_the_spec_does(store, tmp_path):
    class Deploy(works.Train):
        name = "deploy"

    pipeline = works.write_pipeline(tmp_path / "sums")
    done = chain(works.shop(store, pipeline), works.steps(), works.arrived())

    assert perform(works.shop(store, pipeline), Deploy(), done[-1].reply).reply is None
