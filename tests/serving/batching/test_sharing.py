"""Calls share runs, and each gets its own rows: whoever they come with, in whatever order, whoever fails."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from poorwill.errors import ModelFailedError
from poorwill.registry.onnx_session import open_session
from poorwill.serving.batching.sharing import Sharer
from poorwill.serving.protocol.infer_wire import Call, Wanted
from tests import models
from tests.serving.batching.ledger import FAILING, LEDGER, Counted

WANTED = st.sampled_from([None, (Wanted("next", binary=False),), (Wanted("amount", binary=True),)])


@st.composite
def asked(draw):
    """Draw calls of no, one or several rows, every id once, here and there one that fails."""
    ids = iter(draw(st.permutations(range(120))))
    calls = []
    for size in draw(st.lists(st.integers(0, 6), min_size=1, max_size=20)):
        rows = [next(ids) for _ in range(size)]
        if draw(st.integers(0, 5)) == 0:
            rows[size // 2 :] = [FAILING]
        calls.append(Call({"id": np.array(rows, np.int64)}, draw(WANTED), f"{rows}"))
    return calls


def flat(runs):
    return [ran for run in runs for ran in run]


def shown(outputs):
    return {name: array.tolist() for name, array in outputs.items()}


@given(asked(), st.integers(1, 40))
def test_every_call_gets_its_own_rows_and_its_own_failure(calls, rows_limit):
    ran = flat(Sharer(LEDGER, rows_limit=rows_limit).run(calls))

    assert sorted(one.place for one in ran) == list(range(len(calls)))
    for one in ran:
        ids = calls[one.place].inputs["id"].tolist()
        wanted = {"amount": [3.0 * id_ for id_ in ids], "next": [id_ + 1 for id_ in ids]}
        names = [output.name for output in calls[one.place].outputs or ()] or list(wanted)
        if FAILING in ids:
            assert isinstance(one.outcome, ModelFailedError)
        else:
            assert {name: shown(one.outcome)[name] for name in names} == {name: wanted[name] for name in names}


@given(asked(), st.integers(1, 40))
def test_no_shared_run_has_more_rows_than_the_limit(calls, rows_limit):
    counted = Counted(LEDGER)
    own = [len(call.inputs["id"]) for call in calls]

    flat(Sharer(counted, rows_limit=rows_limit).run(calls))

    assert all(rows <= rows_limit or rows in own for rows in counted.rows)


def test_calls_share_as_few_runs_as_the_limit_allows():
    counted = Counted(LEDGER)
    calls = [Call({"id": np.array([number], np.int64)}) for number in range(10)]

    ran = flat(Sharer(counted, rows_limit=4).run(calls))

    assert counted.rows == [4, 4, 2]
    assert [one.calls for one in ran] == [4] * 8 + [2] * 2


def test_what_ran_first_is_there_before_the_next_run_begins():
    counted = Counted(LEDGER)

    next(Sharer(counted, rows_limit=1).run([Call({"id": np.array([number], np.int64)}) for number in range(3)]))

    assert counted.rows == [1]


class Joined:
    """A model that gives all rows but one."""

    signature = LEDGER.signature

    def run(self, inputs, outputs=None):
        return {name: array[: max(1, len(array) - 1)] for name, array in LEDGER.run(inputs, outputs).items()}


def test_rows_that_a_run_lost_are_asked_for_by_themselves():
    calls = [Call({"id": np.array([number], np.int64)}) for number in range(3)]

    ran = flat(Sharer(Joined(), rows_limit=8).run(calls))

    assert [(one.place, one.outcome["amount"].tolist(), one.calls) for one in ran] == [
        (number, [3.0 * number], 1) for number in range(3)
    ]


def double(rows, words):
    return Call({"x": np.arange(rows * 2 * words, dtype=np.float32).reshape(rows, 2, words)})


def test_calls_of_other_shapes_share_no_run_and_longer_rows_count_for_more():
    model = Counted(open_session(models.dynamic_model().SerializeToString()))
    calls = [double(1, 3), double(1, 5), double(1, 3), double(2, 3), double(1, 6), double(1, 6)]

    ran = flat(Sharer(model, rows_limit=4, row_values=6).run(calls))

    assert sorted(model.rows) == [1, 2, 4]
    for one in ran:
        assert one.outcome["doubled"].tolist() == (calls[one.place].inputs["x"] * 2).tolist()


def two_inputs():
    node = helper.make_node("Concat", ["a", "b"], ["y"], axis=0)
    inputs = [models.value("a", models.FLOAT, (None, 2)), models.value("b", models.FLOAT, (None, 2))]
    return models.build([node], inputs, [models.value("y", models.FLOAT, (None, 2))])


def test_calls_whose_inputs_have_other_numbers_of_rows_run_by_themselves():
    calls = [Call({"a": np.full((2, 2), place, np.float32), "b": np.zeros((1, 2), np.float32)}) for place in range(3)]

    ran = flat(Sharer(open_session(two_inputs().SerializeToString()), rows_limit=8, row_values=4).run(calls))

    assert [one.calls for one in ran] == [1, 1, 1]
    assert [one.outcome["y"].tolist() for one in ran] == [[[place] * 2] * 2 + [[0, 0]] for place in range(3)]


@pytest.mark.parametrize("rows", [0, 5])
def test_a_call_of_no_rows_or_of_too_many_has_a_run_of_its_own(rows):
    calls = [Call({"id": np.arange(count, dtype=np.int64)}) for count in (1, rows, 1)]

    ran = {one.place: one.calls for one in flat(Sharer(LEDGER, rows_limit=4).run(calls))}

    assert ran[1] == 1


@pytest.mark.parametrize(("count", "runs"), [(2, [1, 1]), (3, [1, 1, 1]), (4, [4]), (5, [5])])
def test_fewer_calls_than_gain_by_company_run_one_by_one(count, runs):
    counted = Counted(LEDGER)

    list(Sharer(counted, rows_limit=8, rows_least=4).run([Call({"id": np.array([place])}) for place in range(count)]))

    assert counted.rows == runs
