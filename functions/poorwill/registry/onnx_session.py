"""A model in memory, ready to run: the one file that knows onnxruntime."""

import ctypes
import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

# unless this is set before its import, onnxruntime keeps a device id and sends events to its maker (its Privacy.md)
os.putenv("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as native

from poorwill.errors import Fault, InvalidModelError, InvalidRequestError, ModelFailedError, UsageError
from poorwill.registry.datatypes import FROM_ONNX
from poorwill.registry.records import Signature, TensorSpec

_BFLOAT16 = 16  # TensorProto.DataType
# every failure is raised as well, and onnxruntime's own lines on stderr would quote values of the caller
_SILENT = 4
_LEAST_MAPPED_BYTES = 1024  # of one tensor; smaller ones stay in the graph
# error codes, paths of model and data, and source lines with their C++ signatures
_NOISE = re.compile(
    r"\[ONNXRuntimeError\] : \d+ : [A-Z_]+ : |Load model from .*? failed:"
    r'|\S+\.(?:cc|h):\d+ (?:.*?\) (?=[A-Z]))?|"/[^"]*"'
)

Run = Callable[[Sequence[str], dict[str, np.ndarray], Any], Sequence[np.ndarray]]
"""Output names, inputs, and onnxruntime's options of a run, to the outputs in the order of their names."""


class OnnxModel:
    """A loaded model; `run` may be called by several threads at once."""

    __slots__ = ("_options", "_outputs", "_run", "signature")

    def __init__(self, session: onnxruntime.InferenceSession, signature: Signature) -> None:
        # The wrapper around the native session keeps a second copy of the model's bytes, checks each call in Python,
        # and makes options for each: 17.5 us instead of 8.7 for a model of one node (onnxruntime 1.32).
        inner = session._sess  # noqa: SLF001
        self.signature = signature
        self._outputs = [spec.name for spec in signature.outputs]
        self._options = onnxruntime.RunOptions()  # a run only reads them, so all threads share these
        self._run = _translated(inner, signature) or inner.run

    def run(self, inputs: Mapping[str, np.ndarray], outputs: Sequence[str] | None = None) -> dict[str, np.ndarray]:
        """Return the named outputs (all of them for None) for one set of inputs that fit the signature.

        Raises:
            InvalidRequestError: a BYTES input is not UTF-8, which ONNX demands of its strings.
            ModelFailedError: the model failed on them.
        """
        names = outputs or self._outputs
        feeds = inputs if type(inputs) is dict else dict(inputs)
        try:
            values = self._run(names, feeds, self._options)
            if len(names) == 1:  # 2 us less than the general way
                return {names[0]: values[0]}
            return dict(zip(names, values, strict=True))
        except InvalidRequestError:
            raise
        except Exception as error:  # onnxruntime's errors share no class
            kind = type(error).__name__
            advice = "check the inputs' values against what the model was trained on"
            fault = Fault("model", "a run to its end", f"a failure inside it ({kind})", advice)
            raise ModelFailedError(fault) from error


def open_session(
    source: bytes | str,
    *,
    threads: int = 1,
    signature: Signature | None = None,
    providers: Sequence[str] = ("CPUExecutionProvider",),
    optimised: bool = False,
) -> OnnxModel:
    """Build the session of a model.

    Args:
        source: the model's bytes, or the path of its file (which a model with external data needs).
        threads: that one run may use.
        signature: as the version record has it, which knows free ranks; else it is read from the session.
        providers: onnxruntime's execution providers, the best first; what one can't run goes to the next.
        optimised: whether the graph is one of `save_optimised`, which has nothing left to do.

    Raises:
        UsageError: a provider that this build of onnxruntime lacks, or that could not start.
        InvalidModelError: not a model, one that this onnxruntime can't run, or not the one of the signature.
    """
    _check_providers(providers, onnxruntime.get_available_providers())
    options = _session_options(threads)
    if optimised:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = _session(source, options, providers)
    _check_providers(providers, session.get_providers())  # one that can't start is left out without a word
    found = _signature(session)
    if signature is not None and _kinds(signature) != _kinds(found):
        fault = Fault("model", "the inputs and outputs of its record", "others", "push the model again")
        raise InvalidModelError(fault)
    return OnnxModel(session, signature or found)


def save_optimised(source: str, graph: str, data_name: str) -> None:
    """Write a model's graph as onnxruntime optimises it on this CPU, with its weights in a file beside it.

    Args:
        source: the path of the model's file.
        graph: the path to write to.
        data_name: of the file of weights; there is none where all of them are small.

    Raises:
        InvalidModelError: it can't be saved so.
    """
    options = _session_options(1)
    options.optimized_model_filepath = graph
    for name, value in (("file_name", data_name), ("min_size_in_bytes", str(_LEAST_MAPPED_BYTES))):
        options.add_session_config_entry(f"session.optimized_model_external_initializers_{name}", value)
    _session(source, options, ("CPUExecutionProvider",))


def _session_options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _SILENT
    if threads > 1:  # threads that spin between runs burn the CPU that other requests need
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _session(
    source: bytes | str, options: onnxruntime.SessionOptions, providers: Sequence[str]
) -> onnxruntime.InferenceSession:
    try:
        return onnxruntime.InferenceSession(source, options, providers=list(providers))
    except Exception as error:
        fault = Fault("model", "an ONNX model that onnxruntime can run", _reason(error), "export the model again")
        raise InvalidModelError(fault) from error


def _check_providers(wanted: Sequence[str], found: Sequence[str]) -> None:
    if not set(wanted) <= set(found):
        advice = "take an image with that build of onnxruntime on a node with the device, or name others"
        where = "--providers (POORWILL_PROVIDERS)"
        raise UsageError(Fault(where, "providers that can be used here", f"only {', '.join(found)}", advice))


def _signature(session: onnxruntime.InferenceSession) -> Signature:
    faults: list[Fault] = []
    inputs = tuple(_spec("input", argument, faults) for argument in session.get_inputs())
    outputs = tuple(_spec("output", argument, faults) for argument in session.get_outputs())
    signature = Signature(inputs, outputs)
    datatypes = {spec.datatype for spec in inputs + outputs}
    if {"BF16", "BYTES"} <= datatypes:
        found = "both in one model, which onnxruntime's Python interface can't carry"
        faults.append(Fault("model", "BF16 or BYTES tensors", found, "export the BF16 tensors as FP32"))
    if faults:
        raise InvalidModelError(*faults)
    return signature


def _spec(role: str, argument: Any, faults: list[Fault]) -> TensorSpec:
    datatype = FROM_ONNX.get(argument.type, "")
    if not datatype:
        sequence = argument.type.startswith(("seq(", "map("))
        advice = "export with zipmap off (skl2onnx: options={'zipmap': False})" if sequence else "cast it in the model"
        faults.append(Fault(f"{role} {argument.name!r}", "a tensor of a protocol type", argument.type, advice))
    return TensorSpec(argument.name, datatype, tuple(-1 if size is None else size for size in argument.shape))


def _kinds(signature: Signature) -> list[tuple[str, str]]:
    return [(spec.name, spec.datatype) for spec in signature.inputs + signature.outputs]


def _reason(error: Exception) -> str:
    """Return onnxruntime's message without codes, paths and source lines: it tells of the model alone."""
    plain = "".join(character for character in _NOISE.sub("", str(error)) if character.isprintable())
    return plain[:300] or type(error).__name__


def _translated(inner: Any, signature: Signature) -> Run | None:
    """Return how to run a model whose tensors numpy and onnxruntime write differently; None for all others."""
    specs = signature.inputs + signature.outputs
    texts = frozenset(spec.name for spec in specs if spec.datatype == "BYTES")
    halves = frozenset(spec.name for spec in specs if spec.datatype == "BF16")

    def run_texts(names: Sequence[str], feeds: dict[str, np.ndarray], options: Any) -> list[np.ndarray]:
        strings = {name: _to_strings(name, array) if name in texts else array for name, array in feeds.items()}
        values = zip(names, inner.run(names, strings, options), strict=True)
        return [_to_bytes(value) if name in texts else value for name, value in values]

    def run_halves(names: Sequence[str], feeds: dict[str, np.ndarray], options: Any) -> list[np.ndarray]:
        # onnxruntime's values point into these arrays, so they must live until the run ends
        arrays = {
            name: np.asarray(array, np.uint16 if name in halves else None, order="C") for name, array in feeds.items()
        }
        values = {name: _to_native(array, half=name in halves) for name, array in arrays.items()}
        results = inner.run_with_ort_values(values, names, options)  # by place: its iterator costs 90 us to make
        return [_from_native(results[place], half=name in halves) for place, name in enumerate(names)]

    return run_texts if texts else run_halves if halves else None


def _to_strings(name: str, array: np.ndarray) -> np.ndarray:
    strings = np.empty(array.shape, object)
    try:
        strings.reshape(-1)[:] = [element.decode() for element in array.ravel().tolist()]
    except UnicodeDecodeError:
        fault = Fault(f"input {name!r}", "strings in UTF-8", "other bytes", "send text, or cast bytes to UINT8")
        raise InvalidRequestError(fault) from None
    return strings


def _to_bytes(strings: np.ndarray) -> np.ndarray:
    array = np.empty(strings.shape, object)
    array.reshape(-1)[:] = [element.encode() for element in strings.ravel().tolist()]
    return array


def _to_native(array: np.ndarray, *, half: bool) -> Any:
    if half:
        return native.OrtValue.ortvalue_from_numpy_with_onnx_type(array, _BFLOAT16)
    device = native.OrtDevice(native.OrtDevice.cpu(), native.OrtDevice.default_memory(), 0)
    return native.OrtValue.ortvalue_from_numpy(array, device)


def _from_native(value: Any, *, half: bool) -> np.ndarray:
    """Return a copy of the value; BF16, which `OrtValue.numpy` refuses, by its address."""
    if not half:
        return np.array(value.numpy())
    array = np.empty(value.shape(), np.uint16)
    ctypes.memmove(array.ctypes.data, value.data_ptr(), array.nbytes)
    return array
