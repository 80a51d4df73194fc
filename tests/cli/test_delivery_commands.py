"""The commands that talk to a cluster, where there is none, and what they print where there is."""

import pytest

from poorwill.cli import delivery_pages
from poorwill.cli.main import run

KUBECONFIG = """
apiVersion: v1
kind: Config
clusters: [{name: here, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: me, user: {token: not-a-secret}}]
contexts: [{name: mine, context: {cluster: here, user: me}}]
current-context: mine
"""
VERBS = [
    ["split", "digits", "v1=100"],
    ["rollback", "digits"],
    ["status"],
    ["logs", "digits@1"],
    ["delete", "digits@1"],
    ["delete", "digits"],
    ["doctor"],
    ["send", "org.example.thing.happened"],
    ["listen"],
]


@pytest.fixture
def poorwill(tmp_path, monkeypatch, capsys):
    """Run a command in an empty folder and return what it told."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments, code=0, environment=None):
        assert run([str(argument) for argument in arguments], environment or {}) == code
        return capsys.readouterr()

    return call


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_without_a_cluster_each_says_how_to_get_one(poorwill, verb):
    told = poorwill(*verb, code=2)

    assert "poorwill up" in told.err
    assert told.out == ""


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_a_cluster_that_does_not_answer_is_named_by_its_address(poorwill, tmp_path, verb):
    (tmp_path / "k").write_text(KUBECONFIG)

    told = poorwill(*verb, code=69, environment={"KUBECONFIG": "k"})

    assert "https://127.0.0.1:1" in told.err
    assert "not-a-secret" not in told.err


def test_a_flag_wins_over_the_environment(poorwill, tmp_path):
    (tmp_path / "k").write_text(KUBECONFIG)

    poorwill("status", "--kubeconfig", "k", code=69, environment={"KUBECONFIG": "not-there"})


@pytest.mark.parametrize(
    "verb", [["split", "digits", "v1=90"], ["logs", "digits@champion"], ["delete", "digits@champion"], ["split", "a"]]
)
def test_what_can_be_refused_without_a_cluster_is(poorwill, tmp_path, verb):
    (tmp_path / "k").write_text(KUBECONFIG)

    poorwill(*verb, code=2, environment={"KUBECONFIG": "k"})


@pytest.mark.parametrize(
    ("verb", "told"), [(["model.onnx"], "--name"), (["model"], "--name"), (["digits@1", "--sample", "s"], "--sample")]
)
def test_a_file_without_the_model_that_it_is_of_is_told_so(poorwill, tmp_path, verb, told):
    (tmp_path / "k").write_text(KUBECONFIG)
    (tmp_path / "model").write_bytes(b"")

    refused = poorwill("deploy", *verb, code=2, environment={"KUBECONFIG": "k"}).err

    assert f"where   {told}" in refused
    assert "add --name NAME" in refused


def test_a_version_that_is_not_registered_is_found_before_the_cluster(poorwill, tmp_path):
    (tmp_path / "k").write_text(KUBECONFIG)
    (tmp_path / "store").mkdir()

    poorwill("deploy", "digits@1", code=66, environment={"KUBECONFIG": "k"})


def test_the_page_of_a_deployment_says_that_traffic_stays(capsys):
    deployed = {
        "name": "digits@2",
        "digest": "sha256:1",
        "namespace": "models",
        "service": "digits-v2",
        "image": "serve:1",
        "url": "http://digits-v2",
        "changed": True,
        "ready": True,
        "dry_run": False,
        "traffic": {"v1": 100},
        "route_url": "http://digits",
    }
    delivery_pages.show_deployed(deployed)
    assert "poorwill split digits ... v2=10" in capsys.readouterr().out

    delivery_pages.show_deployed(deployed | {"traffic": {"v1": 90, "v2": 10}})
    assert "poorwill split" not in capsys.readouterr().out


def test_the_page_of_a_change_shows_both_splits_and_what_lost_its_tag(capsys):
    changed = {"model": "digits", "from": {"v1": 100}, "to": {"v2": 100}, "dropped": [1], "changed": True}
    delivery_pages.show_changed(changed | {"dry_run": True, "url": "", "urls": {"v2": "http://v2-digits"}})

    out = capsys.readouterr().out
    assert "v1=100 → v2=100  (a dry run)" in out
    assert "http://v2-digits" in out
    assert "v1 has lost its tag" in out


def test_the_page_of_an_empty_namespace_says_what_to_do(capsys):
    delivery_pages.show_status({"namespace": "models", "models": []})

    assert "poorwill deploy" in capsys.readouterr().out


def test_the_status_of_many_models_is_one_table(capsys):
    def version(number):
        return {
            "version": number, "state": "asleep", "replicas": 0, "percent": 100, "digest": "sha256:" + "0" * 64,
            "url": "http://a", "tag_url": "", "reason": "",
        }  # fmt: skip

    models = [
        {"model": f"m-{number}", "url": "http://m", "ready": True, "reason": "", "versions": [version(1), version(2)]}
        for number in range(300)
    ]

    delivery_pages.show_status({"namespace": "default", "models": models})

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + 600
    assert lines[-1].split()[:5] == ["m-299@2", "asleep", "0", "100", "%"]
