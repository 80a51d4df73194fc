"""A function of one's own, made an image and deployed by its digest; where a cluster is, its nodes need a registry."""

import json

import pytest

MAIN = """
def predict(inputs, model):
    answer = model.run(inputs)
    return {"label": answer["label"] * 0 + 3, "probabilities": answer["probabilities"]}
"""


def test_a_function_goes_from_its_folder_to_callers_without_a_container_engine(ground):
    if not ground.is_twin:
        pytest.skip("a cluster's nodes pull from a registry; docs/real-cluster.md has that run")
    folder = ground.folder / "always_three"
    folder.mkdir(exist_ok=True)
    (folder / "main.py").write_text(MAIN)
    ground.poorwill("image", "build", folder, "--tag", "team/always-three:1", "--engine", "twin")
    pushed = ground.poorwill("image", "push", "team/always-three:1", "--engine", "twin", "--output", "json")
    reference = json.loads(pushed.stdout)["reference"]

    ground.deploy("digits@1", "--image", reference)

    assert ground.ask(ground.host("ksvc", "digits-v1")).label == 3
    assert reference in str(ground.show("rev", "digits-v1-00001")["spec"])
