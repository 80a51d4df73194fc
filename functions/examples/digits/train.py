"""The digit recogniser: how it is trained, by a pipeline (`train`) and for the files beside this one (`make train`).

python functions/examples/digits/train.py writes two models, heldout.csv and sample.json anew; with the name of a file
it writes all digits there, as data for pipeline.yaml.

The 1,797 digits are the UCI "Optical Recognition of Handwritten Digits" test set that scikit-learn ships: 8x8 pixels,
each the count (0 to 16) of inked points in a 4x4 block of a 32x32 bitmap. https://archive.ics.uci.edu/dataset/80
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler

HERE = Path(__file__).parent
SEED = 0
HELDOUT_ROWS = 50  # of the 360 that training never sees; enough to look at, small enough to keep
HIDDEN = {"digits.onnx": 32, "digits_wide.onnx": 96}  # units of the one hidden layer: a version and its successor
OPSETS = {"": 17, "ai.onnx.ml": 3}  # read by every onnxruntime since 1.14


def train(inputs: Any, parameters: Mapping[str, Any], seed: int) -> bytes:
    """Return the model of a pipeline's data as ONNX; its one parameter is `hidden`, units of the hidden layer."""
    return export(fitted(inputs.features, inputs.target, int(parameters["hidden"]), seed))


def fitted(pixels: np.ndarray, truth: np.ndarray, hidden: int, seed: int) -> Pipeline:
    """Return the fitted model."""
    network = MLPClassifier((hidden,), max_iter=500, random_state=seed)
    return make_pipeline(MinMaxScaler(), network).fit(pixels, truth)


def sample_model(hidden: int = HIDDEN["digits.onnx"]) -> tuple[Pipeline, np.ndarray, np.ndarray]:
    """Return the fitted model, of so many hidden units, with the held-out pixels and their truth."""
    pixels, truth = load_digits(return_X_y=True)
    seen, heldout, seen_truth, heldout_truth = train_test_split(
        pixels.astype(np.float32), truth, test_size=0.2, random_state=SEED, stratify=truth
    )
    return fitted(seen, seen_truth, hidden, SEED), heldout, heldout_truth


def export(model: Pipeline) -> bytes:
    """Return the model as ONNX: image FP32 [batch, 64] in; label INT64 [batch], probabilities FP32 [batch, 10] out."""
    exported = convert_sklearn(
        model,
        name="digits",
        initial_types=[("image", FloatTensorType([None, 64]))],
        final_types=[
            ("label", Int64TensorType([None])),
            ("probabilities", FloatTensorType([None, 10])),
        ],
        options={id(model): {"zipmap": False}},
        target_opset=OPSETS,
    )
    for tensor in (*exported.graph.input, *exported.graph.output):
        tensor.type.tensor_type.shape.dim[0].dim_param = "batch"  # skl2onnx leaves a free axis without a name
    exported.opset_import.sort(key=lambda opset: opset.domain)  # skl2onnx writes a set, in any order
    content: bytes = exported.SerializeToString()
    return content


def main() -> None:
    """Train, export, and keep some held-out rows with their truth."""
    for name, hidden in HIDDEN.items():
        model, heldout, truth = sample_model(hidden)
        (HERE / name).write_bytes(export(model))
        print(f"{name}: {model.score(heldout, truth):.1%} of {len(truth)} held-out digits right")
    write_rows(HERE / "heldout.csv", heldout[:HELDOUT_ROWS], truth[:HELDOUT_ROWS])
    tensor = {"name": "image", "shape": [1, 64], "datatype": "FP32", "data": heldout[0].tolist()}
    (HERE / "sample.json").write_text(json.dumps({"inputs": [tensor]}) + "\n")


def write_rows(path: Path, pixels: np.ndarray, truth: np.ndarray) -> None:
    """Write digits as CSV, the truth first."""
    names = ",".join(f"pixel_{row}_{column}" for row in range(8) for column in range(8))
    rows = np.column_stack((truth, pixels))
    np.savetxt(path, rows, fmt="%d", delimiter=",", header=f"truth,{names}", comments="")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        write_rows(Path(sys.argv[1]), *load_digits(return_X_y=True))
    else:
        main()
