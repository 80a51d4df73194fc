"""The same objects on a real cluster: what is good is stored as ours is, and each mutant is refused at the same path.

Runs where POORWILL_E2E_KUBECONFIG names the kubeconfig of a cluster with Knative Serving and Eventing as they are
delivered.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from poorwill.kinds import admission
from poorwill.kinds.job_defaults import selected
from poorwill.kinds.kind import JOB, kind_of
from tests.kinds.mutant import GOOD, MUTANTS, good, mutant

KUBECONFIG = os.environ.get("POORWILL_E2E_KUBECONFIG", "")
KUBECTL = Path(sys.executable).with_name("kubectl")
# what a server adds of its own, whoever asks
SERVERS_OWN = ("uid", "creationTimestamp", "generation", "managedFields", "resourceVersion")

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not KUBECONFIG, reason="POORWILL_E2E_KUBECONFIG names no cluster with Knative"),
]


def kubectl(*arguments, obj=None):
    text = None if obj is None else json.dumps(obj)
    command = [KUBECTL, "--kubeconfig", KUBECONFIG, *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def applied(obj, *flags):
    return kubectl(
        "apply", "--server-side", "--force-conflicts", "--output", "json", *flags, "--filename", "-", obj=obj
    )


@pytest.fixture(scope="module")
def namespace():
    name = f"poorwill-kinds-{uuid4().hex[:8]}"
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


def placed(obj, namespace):
    return {**obj, "metadata": {**obj["metadata"], "namespace": namespace}} if kind_of(obj).namespaced else obj


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_object_is_stored_there_as_here(path, namespace):
    obj = placed(good(path.stem), namespace)

    answer = applied(obj, "--dry-run=server")

    assert answer.returncode == 0, answer.stderr
    there = json.loads(answer.stdout)
    annotations = there["metadata"].get("annotations", {})
    user = annotations.get(f"{kind_of(obj).group}/creator", "")
    here = admission.default(obj, user=user)
    if kind_of(obj) is JOB:
        here = selected(here, there["metadata"]["uid"])
    for name in SERVERS_OWN:
        there["metadata"].pop(name, None)
    assert here == there


@pytest.mark.parametrize("path", MUTANTS, ids=lambda path: path.stem)
def test_a_mutant_is_refused_there_too(path, namespace):
    told = mutant(path)
    if told.update:
        stored = applied(placed(told.before, namespace))
        assert stored.returncode == 0, stored.stderr

    mutated = placed(told.made_from(told.before), namespace)
    # an object without a name can't be applied
    named = "name" in mutated["metadata"]
    answer = (
        applied(mutated, "--dry-run=server")
        if named
        else kubectl("create", "--dry-run=server", "--filename", "-", obj=mutated)
    )
    if told.update:  # another mutant of that name is to be a new object
        kubectl("delete", "--filename", "-", obj=placed(told.before, namespace))

    assert answer.returncode != 0, "admitted"
    if told.there != "-":
        assert all(place in answer.stderr for place in told.there.split(", "))
