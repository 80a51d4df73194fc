"""The tumour classifier: how it is trained, by a pipeline (`train`) and for the files beside this one (`make train`).

python functions/examples/breast_cancer/train.py writes breast_cancer.onnx, heldout.csv and sample.json anew; with the
name of a file it writes all rows there, as data for pipeline.yaml.

The table is UCI's "Breast Cancer Wisconsin (Diagnostic)" that scikit-learn ships: 569 rows of 30 measures of cell
nuclei; label 0 is malignant, 1 is benign. https://archive.ics.uci.edu/dataset/17
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import train_test_split

HERE = Path(__file__).parent
SEED = 0
HELDOUT_ROWS = 50
OPSETS = {"": 17, "ai.onnx.ml": 3}  # read by every onnxruntime since 1.14


def train(inputs: Any, parameters: Mapping[str, Any], seed: int) -> bytes:
    """Return the model of a pipeline's data as ONNX; its parameters are `learning_rate` and `trees`."""
    return export(
        fitted(inputs.features, inputs.target, float(parameters["learning_rate"]), int(parameters["trees"]), seed)
    )


def fitted(
    features: np.ndarray, truth: np.ndarray, learning_rate: float, trees: int, seed: int
) -> GradientBoostingClassifier:
    """Return the fitted model."""
    model = GradientBoostingClassifier(
        learning_rate=learning_rate, n_estimators=trees, subsample=0.5, random_state=seed
    )
    return model.fit(features, truth)


def sample_model() -> tuple[GradientBoostingClassifier, np.ndarray, np.ndarray]:
    """Return the fitted model with the held-out rows and their truth."""
    table = load_breast_cancer()
    seen, heldout, seen_truth, heldout_truth = train_test_split(
        table.data.astype(np.float32), table.target, test_size=0.2, random_state=SEED, stratify=table.target
    )
    return fitted(seen, seen_truth, 0.2, 100, SEED), heldout, heldout_truth


def export(model: GradientBoostingClassifier) -> bytes:
    """Return it as ONNX: features FP32 [batch, 30] in; label INT64 [batch], probabilities FP32 [batch, 2] out."""
    exported = convert_sklearn(
        model,
        name="breast_cancer",
        initial_types=[("features", FloatTensorType([None, 30]))],
        final_types=[
            ("label", Int64TensorType([None])),
            ("probabilities", FloatTensorType([None, 2])),
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
    model, heldout, truth = sample_model()
    (HERE / "breast_cancer.onnx").write_bytes(export(model))
    write_rows(HERE / "heldout.csv", heldout[:HELDOUT_ROWS], truth[:HELDOUT_ROWS])
    tensor = {"name": "features", "shape": [1, 30], "datatype": "FP32", "data": heldout[0].tolist()}
    (HERE / "sample.json").write_text(json.dumps({"inputs": [tensor]}) + "\n")
    print(f"breast_cancer: {model.score(heldout, truth):.1%} of {len(truth)} held-out rows right")


def write_rows(path: Path, features: np.ndarray, truth: np.ndarray) -> None:
    """Write rows as CSV, the truth first."""
    names = ",".join(name.replace(" ", "_") for name in load_breast_cancer().feature_names)
    formats = ["%d"] + ["%.9g"] * features.shape[1]  # nine digits bring every float32 back
    rows = np.column_stack((truth, features))
    np.savetxt(path, rows, fmt=formats, delimiter=",", header=f"truth,{names}", comments="")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        table = load_breast_cancer()
        write_rows(Path(sys.argv[1]), table.data.astype(np.float32), table.target)
    else:
        main()
