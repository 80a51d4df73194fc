"""A version is timed when that can gain anything for the first time, and never twice."""

import threading

import numpy as np
import pytest

from poorwill.registry import row_timing
from poorwill.registry.onnx_session import open_session
from poorwill.registry.records import RowTimings
from poorwill.serving.batching.choice import Choice
from poorwill.serving.batching.known import Known
from poorwill.serving.batching.plan import Bounds
from poorwill.serving.protocol.infer_wire import Call
from tests import models
from tests.serving.batching.ledger import GAINING, Counted

BOUNDS = Bounds(0, 1e9)


def known(*, heavy=False):
    return Known(heavy, 10.0, 10.0)


@pytest.fixture
def timed():
    return Counted(open_session(models.sum_model().SerializeToString()))


def choice(model, *, bounds=BOUNDS, timings=None, heavy=False, sample=lambda: None):
    return Choice(model, known(heavy=heavy), bounds, sample, timings)


def test_nothing_runs_before_the_plan_is_needed(timed):
    assert choice(timed).may_share
    assert timed.rows == []


def test_the_timed_run_settles_the_plan_once(timed):
    chosen = choice(timed)

    first = chosen.settle()
    runs = len(timed.rows)

    assert first.times
    assert (chosen.settle(), len(timed.rows)) == (first, runs)


def test_a_start_pack_s_times_spare_the_timed_run(timed):
    chosen = choice(timed, timings=GAINING)

    assert (chosen.plan.rows_limit, chosen.sharer.rows_limit) == (8, 8)
    chosen.settle()
    assert timed.rows == []


@pytest.mark.parametrize("bounds", [Bounds(1, 1e9), Bounds(0, 5.0)], ids=["settings", "longer than it may be"])
def test_what_may_share_no_run_in_any_case_is_not_timed(timed, bounds):
    chosen = choice(timed, bounds=bounds)

    assert not chosen.may_share
    chosen.settle()
    assert timed.rows == []


def test_a_version_whose_rows_mind_one_another_shares_no_run(timed):
    chosen = choice(timed, timings=RowTimings("they do"))

    assert (chosen.may_share, chosen.plan.words) == (False, "they do")


def test_rows_of_free_length_count_by_the_values_of_the_sample():
    model = open_session(models.dynamic_model().SerializeToString())
    sample = {"x": np.ones((3, 2, 5), np.float32)}

    sharer = choice(model, timings=GAINING, sample=lambda: sample).sharer

    assert sharer._row_values == 10


def test_a_heavy_model_is_timed_on_a_thread_of_its_own_once(timed):
    chosen = choice(timed, heavy=True)

    chosen.settle_when_idle()
    chosen.settle_when_idle()
    threads = [thread for thread in threading.enumerate() if thread.name == "timed-run"]
    for thread in threads:
        thread.join()

    assert len(threads) == 1
    assert chosen.plan.times
    assert not chosen.is_open


class Clocked:
    """A model whose run of n rows takes 3 + n ms, by a clock of its own."""

    signature = open_session(models.sum_model().SerializeToString()).signature

    def __init__(self):
        self.now_ms, self.took_ms = 0.0, []

    def run(self, inputs, outputs=None):
        self.took_ms.append(3.0 + len(inputs["x"]))
        self.now_ms += self.took_ms[-1]
        return {"total": inputs["x"].sum(1, keepdims=True)}


@pytest.mark.parametrize(("limit_ms", "rows"), [(20.0, 16), (11.0, 8), (10.9, 4), (4.0, 1)])
def test_no_shared_run_takes_longer_than_it_may(limit_ms, rows, monkeypatch):
    model = Clocked()
    monkeypatch.setattr(row_timing, "perf_counter", lambda: model.now_ms / 1e3)
    chosen = Choice(model, Known(True, 4.5, 4.0), Bounds(0, limit_ms), lambda: None)
    chosen.settle()
    model.took_ms.clear()

    list(chosen.sharer.run([Call({"x": np.ones((1, 3), np.float32)}) for _ in range(40)]))

    assert chosen.plan.rows_limit == rows
    assert max(model.took_ms) <= limit_ms
