"""A version is deployed, gets ready, answers, sleeps and wakes; what can't is told why."""

import json

import pytest

from tests.e2e.behaviour.ground import counted

CALLERS = 64


@pytest.fixture(scope="module")
def deployed(ground):
    ground.deploy("digits@1")
    return ground


def test_a_deployed_version_is_ready_and_answers_at_its_own_host_and_at_the_models(deployed):
    service = deployed.show("ksvc", "digits-v1")
    ready = next(item for item in service["status"]["conditions"] if item["type"] == "Ready")

    assert ready["status"] == "True"
    assert deployed.ask(deployed.host("ksvc", "digits-v1")).right
    assert deployed.ask(deployed.host("rt", "digits")).right


def test_deploying_it_again_changes_nothing(deployed):
    before = deployed.show("ksvc", "digits-v1")

    done = deployed.deploy("digits@1", "--output", "json")

    after = deployed.show("ksvc", "digits-v1")
    assert json.loads(done.stdout)["changed"] is False
    assert after["metadata"]["generation"] == before["metadata"]["generation"]
    assert after["status"]["latestCreatedRevisionName"] == before["status"]["latestCreatedRevisionName"]


def test_it_sleeps_when_nobody_asks_and_wakes_for_all_who_wait(deployed):
    host = deployed.host("ksvc", "digits-v1")
    assert deployed.ask(host).right
    deployed.await_sleep("digits-v1")
    revision = deployed.show("ksvc", "digits-v1")["status"]["latestReadyRevisionName"]
    asleep = {item["type"]: item["status"] for item in deployed.show("rev", revision)["status"]["conditions"]}

    answers = deployed.ask_at_once(host, CALLERS)

    assert (asleep["Active"], asleep["Ready"]) == ("False", "True")
    assert counted(answers) == {"1": CALLERS}


def test_a_dry_run_writes_nothing(deployed):
    deployed.deploy("digits@2", "--dry-run")

    deployed.kubectl("get", "ksvc", "digits-v2", code=1)


def test_a_version_that_is_not_registered_is_refused_before_anything_is_written(deployed):
    done = deployed.deploy("digits@9", code=66)

    assert "wanted" in done.stderr
    deployed.kubectl("get", "ksvc", "digits-v9", code=1)


def test_an_unknown_host_is_not_found(deployed):
    assert deployed.ask("nobody.default.poorwill.localhost").status == 404


def test_logs_are_those_of_the_versions_processes(deployed):
    assert deployed.ask(deployed.host("ksvc", "digits-v1")).right

    assert '"ready"' in deployed.poorwill("logs", "digits@1").stdout
    (pod, *_) = deployed.pods("digits-v1")
    assert '"ready"' in deployed.kubectl("logs", pod, "-c", "predictor").stdout
