"""Work out parameters.json beside this file: the middle of each class and the spread of each measure, on seen rows."""

import json
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

HERE = Path(__file__).parent
MEASURES = ("worst radius", "worst texture", "worst concave points")


def main() -> None:
    """Write the parameters, from the same seen rows as ../breast_cancer/train.py, so the same rows stay held out."""
    table = load_breast_cancer()
    seen, heldout, seen_truth, heldout_truth = train_test_split(
        table.data, table.target, test_size=0.2, random_state=0, stratify=table.target
    )
    columns = [list(table.feature_names).index(name) for name in MEASURES]
    middles = np.array([seen[seen_truth == label][:, columns].mean(axis=0) for label in (0, 1)])
    spreads = seen[:, columns].std(axis=0)
    parameters = {
        "measures": MEASURES,
        "columns": columns,
        "middles": middles.round(6).tolist(),
        "spreads": spreads.round(6).tolist(),
    }
    (HERE / "parameters.json").write_text(json.dumps(parameters, indent=1) + "\n")
    distances = np.square((heldout[:, None, columns] - middles) / spreads).sum(axis=2)
    print(f"nearest_centroid: {(distances.argmin(axis=1) == heldout_truth).mean():.1%} of {len(heldout)} rows right")


if __name__ == "__main__":
    main()
