"""The command line: a cluster is one only as a whole, and what it shows stays out of the page of twins."""

import subprocess
import sys

import pytest

from loadtests.twin import ROOT

PLACES = ("--gateway=127.0.0.1:31080", "--store=s3://bucket/comparison", "--image=registry/serve:1", "--registry=r/c")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (PLACES[:2], "a cluster needs --image --registry"),
        ((*PLACES, "--keep"), "--keep puts into comparison.md what twins have shown"),
    ],
)
def test_a_cluster_that_is_half_named_or_to_be_kept_is_refused(options, words):
    command = [sys.executable, "-m", "loadtests.comparison", "--kubeconfig", "kubeconfig", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr.strip().rpartition("error: ")[2]) == (2, words)
