"""Rows of several requests in one set of tensors, and apart again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.errors import ModelFailedError
from poorwill.registry.records import Signature, TensorSpec
from poorwill.registry.rows import split, stack, unfit

COUNTS = st.lists(st.integers(0, 5), min_size=1, max_size=20)


@given(COUNTS)
def test_what_is_stacked_comes_apart_as_it_was(counts):
    ids = iter(range(10_000))
    parts = [{"x": np.array([[next(ids)] for _ in range(count)], np.int64).reshape(count, 1)} for count in counts]

    found = list(split(stack(parts), counts))

    assert [part["x"].tolist() for part in found] == [part["x"].tolist() for part in parts]


@pytest.mark.parametrize("outputs", [np.zeros((3, 1)), np.float32(1)], ids=["one too many", "no rows"])
def test_outputs_of_another_number_of_rows_are_given_to_nobody(outputs):
    with pytest.raises(ModelFailedError):
        list(split({"y": np.asarray(outputs)}, [1, 1]))


def specs(*shapes, datatype="FP32"):
    return tuple(TensorSpec(f"t{place}", datatype, shape) for place, shape in enumerate(shapes))


FIT = {
    "a named axis": Signature(specs(("n", 3)), specs(("n",))),
    "an axis without a name": Signature(specs((-1, 3)), specs((-1,))),
    "two inputs of one axis": Signature(specs(("n", 3), ("n",)), specs(("n",))),
    "texts as outputs": Signature(specs(("n", 3)), specs(("n",), datatype="BYTES")),
}
UNFIT = {
    "no inputs": (Signature((), specs(("n",))), "free length"),
    "a fixed input": (Signature(specs((1, 3)), specs(("n",))), "free length"),
    "a fixed output": (Signature(specs(("n", 3)), specs((1,))), "free length"),
    "an output that is one number": (Signature(specs(("n", 3)), specs(())), "free length"),
    "a free rank": (Signature(specs(None), specs(("n",))), "free length"),
    "a square": (Signature(specs(("n", "n")), specs(("n",))), "another axis"),
    "an output of pairs": (Signature(specs(("n", 3)), specs(("n", "n"))), "another axis"),
    "inputs of two axes": (Signature(specs(("n", 3), ("m", 3)), specs(("n",))), "not the same"),
    "texts": (Signature(specs(("n",), datatype="BYTES"), specs(("n",))), "BYTES"),
    "an input of BF16": (Signature(specs(("n",), datatype="BF16"), specs(("n",))), "BF16"),
    "an output of BF16": (Signature(specs(("n",)), specs(("n",), datatype="BF16")), "BF16"),
}


@pytest.mark.parametrize("signature", FIT.values(), ids=FIT)
def test_tensors_whose_first_axis_is_one_free_axis_may_share_a_run(signature):
    assert unfit(signature) == ""


@pytest.mark.parametrize(("signature", "words"), UNFIT.values(), ids=UNFIT)
def test_all_other_tensors_may_not(signature, words):
    assert words in unfit(signature)
