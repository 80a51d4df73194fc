"""Train the tumour classifier and write what stands beside this file: breast_cancer.onnx, heldout.csv and sample.json.

The table is UCI's "Breast Cancer Wisconsin (Diagnostic)" that scikit-learn ships: 569 rows of 30 measures of cell
nuclei; label 0 is malignant, 1 is benign. https://archive.ics.uci.edu/dataset/17
"""

import json
from pathlib import Path

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


def train() -> tuple[GradientBoostingClassifier, np.ndarray, np.ndarray]:
    """Return the fitted model with the held-out rows and their truth."""
    table = load_breast_cancer()
    seen, heldout, seen_truth, heldout_truth = train_test_split(
        table.data.astype(np.float32), table.target, test_size=0.2, random_state=SEED, stratify=table.target
    )
    model = GradientBoostingClassifier(learning_rate=0.2, subsample=0.5, random_state=SEED)
    return model.fit(seen, seen_truth), heldout, heldout_truth


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
    model, heldout, truth = train()
    (HERE / "breast_cancer.onnx").write_bytes(export(model))
    names = ",".join(name.replace(" ", "_") for name in load_breast_cancer().feature_names)
    rows = np.column_stack((truth, heldout))[:HELDOUT_ROWS]
    formats = ["%d"] + ["%.9g"] * heldout.shape[1]  # nine digits bring every float32 back
    np.savetxt(HERE / "heldout.csv", rows, fmt=formats, delimiter=",", header=f"truth,{names}", comments="")
    tensor = {"name": "features", "shape": [1, 30], "datatype": "FP32", "data": heldout[0].tolist()}
    (HERE / "sample.json").write_text(json.dumps({"inputs": [tensor]}) + "\n")
    print(f"breast_cancer: {model.score(heldout, truth):.1%} of {len(truth)} held-out rows right")


if __name__ == "__main__":
    main()
