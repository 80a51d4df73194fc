"""Golden requests: what a version must answer, in files beside the spec, and where an answer departs from it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from poorwill.errors import Fault, NotFoundError, RefusedError
from poorwill.kinds import structure
from poorwill.serving.protocol.tensor_json import read_array

FOLDER = "golden"
_ADVICE = "correct the model; or the file, if the answer is to change"
# of what was computed twice, on other CPUs perhaps; in parts of the value
_SAME = {"FP16": 1e-2, "BF16": 5e-2}
_SAME_USUALLY = 1e-4


class _File(structure.Part, frozen=True, kw_only=True):
    request: dict[str, Any]
    expected: dict[str, Any]
    tolerance: float = 0.0


class Golden(NamedTuple):
    """One request and the answer that it must get."""

    name: str
    request: bytes  # an infer request in JSON
    expected: Mapping[str, Any]  # output to values, flat or nested
    tolerance: float  # how far a number may be from the expected one


class Answer(NamedTuple):
    """Outputs by name, BF16 as float32, and their datatypes."""

    outputs: Mapping[str, NDArray[Any]]
    datatypes: Mapping[str, str]


def read_golden(folder: Path) -> list[Golden]:
    """Return the golden requests beside a spec, by name.

    Raises:
        RefusedError: with every fault of every file.
        NotFoundError: a file that can't be read.
    """
    found, faults = [], []
    for path in sorted((folder / FOLDER).glob("*.json")):
        where = f"{FOLDER}/{path.name}"
        value = _decoded(path, where)
        wrong = [value] if isinstance(value, Fault) else _departures(value, where)
        faults += wrong
        if not wrong:
            file = structure.read(structure.tidied(value, _File), _File)
            found.append(Golden(path.name, msgspec.json.encode(file.request), file.expected, file.tolerance))
    if faults:
        raise RefusedError(*faults)
    return found


def departures(golden: Golden, answer: Answer) -> list[Fault]:
    """Return where an answer is not the expected one; no value of either is told, only places and distances."""
    faults: list[Fault] = []
    for name, values in golden.expected.items():
        where = f"{FOLDER}/{golden.name}, {name}"
        if name not in answer.outputs:
            faults.append(Fault(where, f"an output of {', '.join(answer.outputs)}", "another name", "name an output"))
            continue
        found, datatype = answer.outputs[name], answer.datatypes[name]
        wanted = _wanted(values, found, "FP32" if datatype == "BF16" else datatype, where)
        if isinstance(wanted, Fault):
            faults.append(wanted)
        elif words := _difference(found, wanted, golden.tolerance):
            faults.append(Fault(where, f"the expected values, give or take {golden.tolerance:g}", words, _ADVICE))
    return faults


def unlike(found: Answer, wanted: Answer, where: str) -> list[Fault]:
    """Return where a version's answer is not that of its model, run elsewhere."""
    advice = "a function around the model changes its answers: write golden requests; else see its log"
    if found.outputs.keys() != wanted.outputs.keys():
        return [Fault(where, f"the outputs {', '.join(wanted.outputs)}", ", ".join(found.outputs) or "none", advice)]
    faults = []
    for name, values in wanted.outputs.items():
        scale = float(np.abs(values).max(initial=1.0)) if values.dtype.kind == "f" else 0.0
        tolerance = scale * _SAME.get(wanted.datatypes[name], _SAME_USUALLY)
        same_shape = found.outputs[name].shape == values.shape
        words = _difference(found.outputs[name], values, tolerance) if same_shape else "values of another shape"
        if words:
            faults.append(Fault(f"{where}, {name}", "what the model answers here", words, advice))
    return faults


def _decoded(path: Path, where: str) -> Any:
    if not path.resolve().is_relative_to(path.parents[1].resolve()):
        return Fault(where, "a file beside the spec", "a link that leads elsewhere", "put the file itself there")
    try:
        return msgspec.json.decode(path.read_bytes())
    except OSError as error:
        found = os.strerror(error.errno or 0).lower()
        raise NotFoundError(Fault(where, "a file to read", found, "check its rights")) from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Fault(where, "JSON", "something else", "write request, expected and tolerance")


def _departures(value: Any, where: str) -> list[Fault]:
    faults = [found.fault._replace(where=f"{where}, {found.where}") for found in structure.departures(value, _File)]
    if not faults and not value["expected"]:
        faults.append(Fault(f"{where}, expected", "an output at least", "none", "name what must be answered"))
    if not faults and (value.get("tolerance") or 0) < 0:
        faults.append(Fault(f"{where}, tolerance", "a number from 0", "a negative one", "write 0 for the very values"))
    return faults


def _wanted(values: Any, found: NDArray[Any], datatype: str, where: str) -> NDArray[Any] | Fault:
    flat = values if isinstance(values, list) else [values]
    return read_array(flat, datatype, list(found.shape), where)


def _difference(found: NDArray[Any], wanted: NDArray[Any], tolerance: float) -> str:
    """Return in words how far two arrays of one shape are from each other; "" where they are not."""
    wrong = np.asarray(found != wanted, bool)
    furthest = ""
    if found.dtype.kind == "f":
        wrong &= ~(np.isnan(found) & np.isnan(wanted))
    if found.dtype.kind in "fiu" and tolerance:
        with np.errstate(invalid="ignore"):  # infinities of one sign, which are equal
            far = np.abs(found.astype(np.float64) - wanted.astype(np.float64))
        wrong &= ~(far <= tolerance)
        furthest = f", by up to {np.max(far, where=wrong & ~np.isnan(far), initial=0):.3g}"
    if not wrong.any():
        return ""
    return f"{int(wrong.sum())} of {wrong.size} off{furthest}, the first is [{int(wrong.argmax())}]"
