"""Which cluster is meant, and what a kubeconfig that can't be used is told."""

import os
from pathlib import Path

import pytest

from poorwill.delivery.cluster import Cluster
from poorwill.delivery.kubeconfig import Source, choose
from poorwill.errors import NotFoundError, UnavailableError, UsageError
from poorwill.kinds.kind import ROUTE

KUBECONFIG = """
apiVersion: v1
kind: Config
clusters: [{{name: here, cluster: {{server: "https://127.0.0.1:{port}"}}}}]
users: [{{name: me, user: {{token: not-a-secret}}}}]
contexts: [{{name: mine, context: {{cluster: here, user: me, namespace: models}}}}]
current-context: mine
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home" / ".kube").mkdir(parents=True)
    (tmp_path / "home" / ".kube" / "config").write_text("")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


def twin():
    Path(".poorwill").mkdir()
    Path(".poorwill/kubeconfig").write_text("")


def test_a_file_that_is_named_wins(home):
    twin()
    (home / "k").write_text("")

    assert choose(str(home / "k"), "", ".poorwill") == Source(home / "k")
    assert choose(str(home / "k"), "other", ".poorwill") == Source(home / "k", "other")


def test_the_twins_own_file_is_known_for_the_twins(home):
    twin()

    assert choose("", "", ".poorwill") == Source(Path(".poorwill/kubeconfig"), twin=True)
    assert choose(str(Path(".poorwill/kubeconfig").resolve()), "", ".poorwill").twin


def test_the_users_own_file_is_read_only_where_a_context_is_named(home):
    with pytest.raises(UsageError, match="poorwill up"):
        choose("", "", ".poorwill")

    assert choose("", "mine", ".poorwill") == Source(home / "home/.kube/config", "mine")
    twin()
    assert choose("", "mine", ".poorwill") == Source(home / "home/.kube/config", "mine")


def test_a_file_that_is_not_there_and_a_list_of_files_are_refused(home):
    with pytest.raises(NotFoundError, match="KUBECONFIG"):
        choose("none", "", ".poorwill")
    with pytest.raises(UsageError, match="flatten"):
        choose(f"a{os.pathsep}b", "", ".poorwill")


@pytest.mark.parametrize(
    "text", ["", "[]", "just words", "clusters: 3", "a: [", "current-context: x\nclusters: []\ncontexts: []"]
)
def test_a_file_that_is_no_kubeconfig_is_refused(tmp_path, text):
    (tmp_path / "k").write_text(text)

    with pytest.raises(UsageError, match="kubeconfig"):
        Cluster.connect(Source(tmp_path / "k"))


def test_a_context_that_is_not_there_is_refused(tmp_path):
    (tmp_path / "k").write_text(KUBECONFIG.format(port=1))

    with pytest.raises(UsageError, match="get-contexts"):
        Cluster.connect(Source(tmp_path / "k", "other"))


def test_the_contexts_namespace_is_taken_where_none_is_named(tmp_path):
    (tmp_path / "k").write_text(KUBECONFIG.format(port=1))

    assert Cluster.connect(Source(tmp_path / "k")).namespace == "models"
    assert Cluster.connect(Source(tmp_path / "k"), namespace="other").namespace == "other"


@pytest.mark.parametrize(("is_twin", "advice"), [(True, "poorwill up"), (False, "check that it is up")])
def test_a_cluster_that_is_not_there_is_told_with_its_address(tmp_path, is_twin, advice):
    (tmp_path / "k").write_text(KUBECONFIG.format(port=1))  # tcpmux, which nobody has

    with Cluster.connect(Source(tmp_path / "k", twin=is_twin)) as cluster, pytest.raises(UnavailableError) as caught:
        cluster.list(ROUTE)

    assert "https://127.0.0.1:1" in str(caught.value)
    assert advice in str(caught.value)
    assert "not-a-secret" not in str(caught.value)
