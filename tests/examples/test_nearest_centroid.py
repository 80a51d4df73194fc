"""A model that is no ONNX file stands behind the same signature and run."""

import importlib.util
import json
from pathlib import Path

import numpy as np

from poorwill.serving.function import Function

EXAMPLES = Path(__file__).parents[2] / "functions" / "examples"
FOLDER = EXAMPLES / "nearest_centroid"


def test_nineteen_of_twenty_heldout_rows_are_answered_rightly():
    rows = np.loadtxt(EXAMPLES / "breast_cancer" / "heldout.csv", delimiter=",", skiprows=1, dtype=np.float32)

    answer = Function(str(FOLDER)).around(None).run({"features": rows[:, 1:]})

    assert np.mean(answer["label"] == rows[:, 0]) >= 0.95
    assert answer["distances"].shape == (len(rows), 2)
    assert answer["distances"].dtype == np.float32


def test_the_parameters_are_what_training_gives(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("train_nearest_centroid", FOLDER / "train.py")
    train = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(train)
    monkeypatch.setattr(train, "HERE", tmp_path)

    train.main()

    kept, again = (json.loads((folder / "parameters.json").read_text()) for folder in (FOLDER, tmp_path))
    assert again["measures"] == kept["measures"]
    assert np.allclose(again["middles"], kept["middles"], atol=1e-5)
    assert np.allclose(again["spreads"], kept["spreads"], atol=1e-5)
