"""A model in memory: what it says of itself, what it computes, and how it fails."""

import gc
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto

from poorwill.errors import InvalidModelError, InvalidRequestError, ModelFailedError, UsageError
from poorwill.registry.datatypes import DATATYPES
from poorwill.registry.onnx_session import open_session
from poorwill.registry.records import Signature, TensorSpec
from tests import models

KINDS = {
    "BOOL": TensorProto.BOOL,
    "UINT8": TensorProto.UINT8,
    "UINT16": TensorProto.UINT16,
    "UINT32": TensorProto.UINT32,
    "UINT64": TensorProto.UINT64,
    "INT8": TensorProto.INT8,
    "INT16": TensorProto.INT16,
    "INT32": TensorProto.INT32,
    "INT64": TensorProto.INT64,
    "FP16": TensorProto.FLOAT16,
    "FP32": TensorProto.FLOAT,
    "FP64": TensorProto.DOUBLE,
    "BF16": TensorProto.BFLOAT16,
    "BYTES": TensorProto.STRING,
}


def opened(name: str, **options):
    return open_session(models.MODELS[name]().SerializeToString(), **options)


def test_the_signature_keeps_names_types_sizes_and_the_names_of_dynamic_axes():
    signature = opened("dynamic").signature

    assert signature == Signature(
        (TensorSpec("x", "FP32", ("rows", 2, -1)),), (TensorSpec("doubled", "FP32", ("rows", 2, -1)),)
    )


def test_a_known_signature_is_taken_because_a_session_does_not_tell_free_ranks():
    known = Signature((TensorSpec("x", "FP32", None),), (TensorSpec("doubled", "FP32", None),))

    model = opened("free_rank", signature=known)

    assert model.signature == known
    assert model.run({"x": np.ones((2, 1, 2), np.float32)})["doubled"].tolist() == [[[2, 2]], [[2, 2]]]


def test_a_record_of_another_model_is_refused():
    known = Signature((TensorSpec("x", "FP64", None),), (TensorSpec("doubled", "FP32", None),))

    with pytest.raises(InvalidModelError, match="its record"):
        opened("free_rank", signature=known)


def test_every_output_is_returned_by_name_or_only_those_that_are_asked_for():
    model = opened("pair")
    inputs = {"left": np.array([3, 4], np.float32), "right": np.array([1, 2])}

    assert {name: value.tolist() for name, value in model.run(inputs).items()} == {
        "total": [4, 6],
        "difference": [2, 2],
    }
    assert {name: value.tolist() for name, value in model.run(inputs, ["difference"]).items()} == {"difference": [2, 2]}


def samples(name: str) -> np.ndarray:
    if name == "BYTES":
        return np.array([b"", "é\0!".encode()], object)
    if name == "BOOL":
        return np.array([True, False])
    low, high = (0x3F80, 0xC000) if name == "BF16" else (0, 1)
    return np.array([low, high], DATATYPES[name].numpy)


@pytest.mark.parametrize("name", DATATYPES)
def test_tensors_of_every_type_go_in_and_come_out_unchanged(name):
    model = open_session(models.copy_model(KINDS[name]).SerializeToString())
    array = samples(name)

    copied = model.run({"x": array})["y"]

    assert model.signature.inputs == (TensorSpec("x", name, ("n",)),)
    assert copied.dtype == DATATYPES[name].numpy
    assert copied.tolist() == array.tolist()


@pytest.mark.parametrize("name", DATATYPES)
def test_empty_tensors_of_every_type_are_taken(name):
    model = open_session(models.copy_model(KINDS[name]).SerializeToString())

    assert model.run({"x": samples(name)[:0]})["y"].shape == (0,)


def test_bf16_is_computed_on_its_bits():
    one, minus_two, two, minus_four = 0x3F80, 0xC000, 0x4000, 0xC080

    doubled = opened("bfloat").run({"x": np.array([one, minus_two], np.uint16)})["doubled"]

    assert doubled.tolist() == [two, minus_four]


def test_bf16_that_is_not_contiguous_is_taken():
    array = np.array([0x3F80, 0, 0xC000, 0], np.uint16)[::2]

    assert opened("bfloat").run({"x": array})["doubled"].tolist() == [0x4000, 0xC080]


def test_texts_are_bytes_outside_and_strings_inside():
    array = np.array([b"hush", "psst é".encode()], object)

    assert opened("text").run({"text": array})["loud"].tolist() == [b"hush!", "psst é!".encode()]


def test_bytes_that_are_not_utf_8_are_the_callers_fault():
    with pytest.raises(InvalidRequestError, match="input 'text': wanted strings in UTF-8") as caught:
        opened("text").run({"text": np.array([b"ok", b"\xff\xfe"], object)})

    assert "xff" not in str(caught.value)


def test_a_number_of_rank_0_is_taken():
    assert opened("scalar").run({"x": np.array(2, np.float32)})["doubled"] == 4


def test_a_run_that_fails_says_so_without_the_callers_values(capfd):
    with pytest.raises(ModelFailedError, match="a run to its end") as caught:
        opened("table").run({"index": np.array([987654321])})

    assert "987654321" not in str(caught.value)
    assert capfd.readouterr() == ("", ""), "onnxruntime's own log would quote them"


def test_a_list_of_maps_as_output_is_refused_with_the_option_that_avoids_it():
    with pytest.raises(InvalidModelError, match="zipmap off"):
        opened("map")


@pytest.mark.parametrize("content", [b"", b"no model", models.sum_model().SerializeToString()[:60]])
def test_bytes_that_are_no_model_are_refused(content, capfd):
    with pytest.raises(InvalidModelError, match="wanted an ONNX model that onnxruntime can run"):
        open_session(content)

    assert capfd.readouterr() == ("", "")


def test_the_reason_of_a_refusal_names_the_model_and_no_path(tmp_path: Path):
    model = models.sum_model()
    model.ir_version = 99
    path = tmp_path / "new.onnx"
    path.write_bytes(model.SerializeToString())

    with pytest.raises(InvalidModelError, match="found Unsupported model IR version: 99") as caught:
        open_session(str(path))

    assert str(tmp_path) not in str(caught.value)


def test_a_model_with_external_data_is_opened_by_its_path(tmp_path):
    model = open_session(str(models.external_model(tmp_path)))

    assert model.run({"x": np.ones((1, 3), np.float32)})["y"].tolist() == [[3, 3]]


def test_bf16_beside_bytes_is_refused_when_opened():
    proto = models.copy_model(TensorProto.BFLOAT16)
    text = models.text_model()
    proto.graph.input.extend(text.graph.input)
    proto.graph.output.extend(text.graph.output)
    proto.graph.node.extend(text.graph.node)
    proto.graph.initializer.extend(text.graph.initializer)

    with pytest.raises(InvalidModelError, match="export the BF16 tensors as FP32"):
        open_session(proto.SerializeToString())


@pytest.mark.parametrize(("name", "array"), [("sum", np.ones((1, 3), np.float32)), ("bfloat", samples("BF16"))])
def test_threads_share_a_model_and_get_their_own_answers(name, array):
    model = opened(name, threads=2)
    (spec,) = model.signature.inputs
    (output,) = model.signature.outputs
    expected = model.run({spec.name: array})[output.name].tolist()
    wrong = []

    def work():
        answers = (model.run({spec.name: array.copy()})[output.name].tolist() for _ in range(200))
        wrong.extend(answer for answer in answers if answer != expected)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert wrong == []


def test_an_answer_outlives_the_model_that_gave_it():
    outputs = [opened("bfloat").run({"x": samples("BF16")})["doubled"], opened("half").run({"x": samples("FP16")})]
    gc.collect()

    assert outputs[0].tolist() == [0x4000, 0xC080]


def thread_count() -> int:
    return sum(1 for _ in Path("/proc/self/task").iterdir())


@pytest.mark.parametrize("threads", [1, 3])
def test_a_session_starts_no_more_threads_than_it_is_given(threads):
    before = thread_count()

    model = opened("sum", threads=threads)

    assert thread_count() - before == threads - 1
    assert model.signature


def test_threads_do_not_spin_between_runs():
    session = opened("sum", threads=2)._run.__self__

    assert session.session_options.get_session_config_entry("session.intra_op.allow_spinning") == "0"


def test_onnxruntime_keeps_no_device_id_and_starts_no_thread_that_would_tell_its_maker(tmp_path):
    code = "from poorwill.registry import onnx_session; import os; print(len(os.listdir('/proc/self/task')))"
    # as tests may have it set already
    unset = {name: value for name, value in os.environ.items() if not name.startswith("ORT_")}
    environment = unset | {"HOME": str(tmp_path), "OPENBLAS_NUM_THREADS": "1"}
    started = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)

    assert (started.stdout, started.stderr) == ("1\n", "")
    assert not list(tmp_path.iterdir())


def test_a_provider_that_is_not_there_is_refused_by_name_of_those_that_are():
    with pytest.raises(UsageError) as caught:
        opened("sum", providers=("CUDAExecutionProvider", "CPUExecutionProvider"))

    assert "CPUExecutionProvider" in caught.value.faults[0].found
    assert "POORWILL_PROVIDERS" in caught.value.faults[0].where
