"""Requests to the digit recognisers, and what onnxruntime alone answers to them, by the version's digest."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import numpy as np
import onnxruntime

from loadtests.wire import as_binary, as_json

DIGITS = Path(__file__).parents[1] / "functions" / "examples" / "digits"
FILES = (DIGITS / "digits.onnx", DIGITS / "digits_wide.onnx")
"""Of the versions that may answer, the older one first."""
MODEL = "digits"
SHARE_TOLERANCE = 1e-5
OUTPUTS = ("label", "probabilities")

Outputs = Mapping[str, np.ndarray]


def _truths(file: Path) -> list[dict[str, np.ndarray]]:
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    return [dict(zip(OUTPUTS, session.run(OUTPUTS, {"image": row[None]}), strict=True)) for row in ROWS]


ROWS = np.loadtxt(DIGITS / "heldout.csv", delimiter=",", skiprows=1, dtype=np.float32)[:, 1:]
TRUTHS = {f"sha256:{sha256(file.read_bytes()).hexdigest()}": _truths(file) for file in FILES}
JSON_REQUESTS = [as_json("image", row[None]) for row in ROWS]
BINARY_REQUESTS = [as_binary("image", row[None]) for row in ROWS]


def right(number: int, digest: str, found: Outputs) -> bool:
    """Tell whether the answer to the row of this number is the one of the version with this digest."""
    truth = TRUTHS.get(digest)
    return truth is not None and same(found, truth[number])


def same(found: Outputs, truth: Outputs) -> bool:
    """Tell whether an answer holds the label and the probabilities that it should."""
    try:
        return bool(
            np.array_equal(found["label"], truth["label"])
            and np.allclose(found["probabilities"], truth["probabilities"], atol=SHARE_TOLERANCE)
        )
    except (KeyError, TypeError, ValueError):
        return False
