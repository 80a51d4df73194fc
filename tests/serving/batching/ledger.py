"""A model whose answers tell whose they are, and a version of it whose requests share runs."""

import numpy as np
from onnx import helper

from poorwill.registry.onnx_session import open_session
from poorwill.registry.records import RowTiming, RowTimings
from poorwill.serving.batching.choice import Choice
from poorwill.serving.batching.known import Known, Sharing
from poorwill.serving.batching.plan import Bounds
from tests import models

IDS = 1000
FAILING = IDS + 1  # which the table does not have: any run that it is in fails
GAINING = RowTimings("", tuple(RowTiming(rows, 1.0) for rows in (1, 2, 4, 8)))


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


class Counted:
    """A model that counts the rows of its runs, and may be held back."""

    def __init__(self, model=LEDGER):
        self.model, self.signature, self.rows = model, model.signature, []
        self.begun = self.gate = None

    def run(self, inputs, outputs=None):
        self.rows.append(len(next(iter(inputs.values()))))
        if self.gate is not None:
            self.begun.release()
            assert self.gate.wait(30)
        return self.model.run(inputs, outputs)


def sharing(model, *, heavy=False, timings=GAINING, rows=0, limit_ms=1e9, run_ms=0.1):
    """Return the sharing of a version whose times are given, so that requests share runs of up to eight rows."""
    choice = Choice(model, Known(heavy, run_ms, run_ms), Bounds(rows, limit_ms), lambda: None, timings)
    return Sharing(lambda: choice, may_gain=True)
