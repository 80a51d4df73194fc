"""knative/loadtests: who leads, who asks, and what both are told is what loadtests/ takes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from loadtests.pod import CODE, KEPT, MASTER, REPORT, lead, leading, show, working
from loadtests.runs import RUNS
from tests.knative.rendering import KNATIVE, rendered

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def objects(tmp_path_factory):
    found = yaml.safe_load_all(rendered(Path("loadtests"), tmp_path_factory.mktemp("rendered")))
    return {(item["kind"], item["metadata"]["name"]): item for item in found}


@pytest.fixture
def environ(objects):
    return objects["ConfigMap", "poorwill-load"]["data"] | {"POD_NAMESPACE": "default"}


def pod(objects, name):
    return objects["Job", name]["spec"]["template"]["spec"]


@pytest.mark.parametrize("name", ["load-master", "load-worker"])
def test_every_container_is_nobody_with_a_root_that_it_can_t_write(objects, name):
    spec = pod(objects, name)

    for container in spec["containers"] + spec.get("initContainers", []):
        security = container["securityContext"]
        assert (security["runAsNonRoot"], security["runAsUser"]) == (True, 65532)
        assert security["readOnlyRootFilesystem"] is True
        assert security["allowPrivilegeEscalation"] is False
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert set(container["resources"]) == {"requests", "limits"}
        assert [mount["mountPath"] for mount in container["volumeMounts"]] == [str(KEPT)]


def test_there_are_as_many_workers_as_the_master_waits_for(objects, environ):
    spec = objects["Job", "load-worker"]["spec"]

    assert spec["parallelism"] == spec["completions"] == int(environ["LOAD_WORKERS"])


def test_workers_find_the_master_by_a_service_that_does_not_wait_until_it_is_ready(objects):
    service = objects["Service", MASTER]

    assert service["spec"]["publishNotReadyAddresses"] is True
    assert service["spec"]["clusterIP"] == "None"
    labels = objects["Job", "load-master"]["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= labels.items()


def test_locust_takes_what_leader_and_workers_of_every_run_are_told(environ):
    words = [told(environ | {"LOAD_RUN": name}) for name in RUNS for told in (leading, working)]
    # in a process of its own: importing Locust patches the whole interpreter
    script = """
import json, sys
from locust.argument_parser import parse_options
from loadtests import session
from loadtests.users import broker_events
print(*{parse_options(args=each).master_host for each in json.loads(sys.stdin.read())})
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, input=json.dumps(words), capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert MASTER in done.stdout.split()


def test_the_page_is_shown_with_the_exit_code_of_the_run_that_was_led(tmp_path, capsys):
    (tmp_path / REPORT).write_text("<html>")
    (tmp_path / CODE).write_text("1")

    assert show(tmp_path) == 1
    assert capsys.readouterr().out == "<html>"


def test_a_run_that_locust_refuses_is_led_to_its_end_and_shown_as_failed(environ, tmp_path):
    # no worker comes, since none can: the host of the master's port is none
    told = environ | {"LOAD_WORKERS": "none"}

    assert lead(told, tmp_path) == 0
    assert show(tmp_path) != 0


def test_what_a_run_may_do_is_only_in_its_own_namespace(objects):
    assert not [kind for kind, _ in objects if kind.startswith("Cluster")]
    rules = objects["Role", "poorwill-load"]["rules"]
    assert not [rule for rule in rules if "*" in rule["verbs"] + rule["resources"] or "secrets" in rule["resources"]]
    assert (KNATIVE / "loadtests" / "trigger.yaml").exists()
