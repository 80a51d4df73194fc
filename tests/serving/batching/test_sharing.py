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

IDS = 1000
FAILING = IDS + 1  # which the table does not have: any run that it is in fails


def ledger_model():
    """Give amount[n] = table[id], three times the id, and next[n] = id + 1; an id from 1000 on makes the run fail."""
    nodes = [
        helper.make_node("Gather", ["table", "id"], ["amount"], axis=0),
        helper.make_node("Add", ["id", "one"], ["next"]),
    ]
    constants = (
        models.constant("table", np.arange(IDS, dtype=np.float32) * 3),
        models.constant("one", np.array(1, np.int64)),
    )
    outputs = [models.value("amount", models.FLOAT, ("n",)), models.value("next", models.INT64, ("n",))]
    return models.build(nodes, [models.value("id", models.INT64, ("n",))], outputs, constants)


LEDGER = open_session(ledger_model().SerializeToString())
WANTED = st.sampled_from([None, (Wanted("next", binary=False),), (Wanted("amount", binary=True),)])


class Counted:
    """A model that counts the rows of its runs."""

    def __init__(self, model):
        self.model, self.signature, self.rows = model, model.signature, []

    def run(self, inputs, outputs=None):
        self.rows.append(len(next(iter(inputs.values()))))
        return self.model.run(inputs, outputs)


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


def shown(outputs):
    return {name: array.tolist() for name, array in outputs.items()}


@given(asked(), st.integers(1, 40))
def test_every_call_gets_its_own_rows_and_its_own_failure(calls, rows_limit):
    ran = list(Sharer(LEDGER, rows_limit, 1).run(calls))

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

    list(Sharer(counted, rows_limit, 1).run(calls))

    assert all(rows <= rows_limit or rows in own for rows in counted.rows)


def test_calls_share_as_few_runs_as_the_limit_allows():
    counted = Counted(LEDGER)
    calls = [Call({"id": np.array([number], np.int64)}) for number in range(10)]

    ran = list(Sharer(counted, 4, 1).run(calls))

    assert counted.rows == [4, 4, 2]
    assert [one.calls for one in ran] == [4] * 8 + [2] * 2


def test_what_ran_first_is_there_before_the_next_run_begins():
    counted = Counted(LEDGER)

    next(Sharer(counted, 1, 1).run([Call({"id": np.array([number], np.int64)}) for number in range(3)]))

    assert counted.rows == [1]


class Joined:
    """A model that gives all rows but one."""

    signature = LEDGER.signature

    def run(self, inputs, outputs=None):
        return {name: array[: max(1, len(array) - 1)] for name, array in LEDGER.run(inputs, outputs).items()}


def test_rows_that_a_run_lost_are_asked_for_by_themselves():
    calls = [Call({"id": np.array([number], np.int64)}) for number in range(3)]

    ran = list(Sharer(Joined(), 8, 1).run(calls))

    assert [(one.place, one.outcome["amount"].tolist(), one.calls) for one in ran] == [
        (number, [3.0 * number], 1) for number in range(3)
    ]


def double(rows, words):
    return Call({"x": np.arange(rows * 2 * words, dtype=np.float32).reshape(rows, 2, words)})


def test_calls_of_other_shapes_share_no_run_and_longer_rows_count_for_more():
    model = Counted(open_session(models.dynamic_model().SerializeToString()))
    calls = [double(1, 3), double(1, 5), double(1, 3), double(2, 3), double(1, 6), double(1, 6)]

    ran = list(Sharer(model, 4, 6).run(calls))

    assert sorted(model.rows) == [1, 2, 4]
    for one in ran:
        assert one.outcome["doubled"].tolist() == (calls[one.place].inputs["x"] * 2).tolist()


def two_inputs():
    node = helper.make_node("Concat", ["a", "b"], ["y"], axis=0)
    inputs = [models.value("a", models.FLOAT, (None, 2)), models.value("b", models.FLOAT, (None, 2))]
    return models.build([node], inputs, [models.value("y", models.FLOAT, (None, 2))])


def test_calls_whose_inputs_have_other_numbers_of_rows_run_by_themselves():
    calls = [Call({"a": np.full((2, 2), place, np.float32), "b": np.zeros((1, 2), np.float32)}) for place in range(3)]

    ran = list(Sharer(open_session(two_inputs().SerializeToString()), 8, 4).run(calls))

    assert [one.calls for one in ran] == [1, 1, 1]
    assert [one.outcome["y"].tolist() for one in ran] == [[[place] * 2] * 2 + [[0, 0]] for place in range(3)]


@pytest.mark.parametrize("rows", [0, 5])
def test_a_call_of_no_rows_or_of_too_many_has_a_run_of_its_own(rows):
    calls = [Call({"id": np.arange(count, dtype=np.int64)}) for count in (1, rows, 1)]

    ran = {one.place: one.calls for one in Sharer(LEDGER, 4, 1).run(calls)}

    assert ran[1] == 1
