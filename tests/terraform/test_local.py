"""Terraform brings a model up on the twin, or on a cluster that is given, moves its callers, and leaves nothing."""

import hashlib
import json
import os

import pytest

from tests.e2e.behaviour.ground import counted, within_binomial_bounds
from tests.terraform.twin import CHANGES, NO_CHANGE, ROOT, cluster, local, twin

pytestmark = pytest.mark.e2e
COUNT = 400
CONFLICT = 73


@pytest.fixture(scope="module")
def ground(found_terraform, tmp_path_factory):
    """Run one twin for all tests of this file, or take the cluster that `make e2e` names."""
    if isinstance(found_terraform, str):
        pytest.skip(found_terraform)
    ground = cluster if os.environ.get("POORWILL_E2E_KUBECONFIG") else twin
    with ground(tmp_path_factory.mktemp("ground")) as found:
        yield found


@pytest.fixture
def environment(terraform, ground, tmp_path):
    """Return an environment of its own namespace, which is destroyed afterwards."""
    made = local(terraform, ground, tmp_path)
    yield made
    made.write({}, models={})  # what a test wrote may be refused
    made.terraform.run(ROOT, "destroy", "-auto-approve", "-no-color")


def shares(environment):
    return counted(environment.ground.ask_often(environment.ground.host("rt", "digits"), COUNT))


def test_a_model_comes_up_changes_its_split_and_goes(environment):
    environment.write({1: 90, 2: 10})
    said = environment.apply()

    found = shares(environment)
    assert within_binomial_bounds(found["2"], COUNT, 10), found
    assert f"http://digits.{environment.ground.namespace}.poorwill.localhost:8090" in said
    assert environment.plan() == NO_CHANGE

    environment.write({1: 30, 2: 70})
    environment.apply()
    found = shares(environment)
    assert within_binomial_bounds(found["2"], COUNT, 70), found
    assert environment.plan() == NO_CHANGE

    environment.terraform.run(ROOT, "destroy", "-auto-approve", "-no-color")
    left = environment.ground.kubectl("get", "ns", "-o", "name").stdout
    assert f"namespace/{environment.ground.namespace}" not in left.split()
    kinds = "ksvc,rt,configurations,revisions,pods,cm,sa"
    assert environment.ground.kubectl("get", kinds, "-o", "name", "--ignore-not-found").stdout == ""


def test_no_caller_is_lost_while_a_version_is_taken_out(environment):
    environment.write({1: 50, 2: 50})
    environment.apply()
    host = environment.ground.host("rt", "digits")

    with environment.ground.asking(host) as answers:
        environment.write({2: 100})
        environment.apply()

    assert set(counted(answers)) == {"1", "2"}
    assert environment.percents() == {"v2": 100}
    assert "digits-v1" not in environment.ground.kubectl("get", "ksvc", "-o", "name").stdout
    assert environment.plan() == NO_CHANGE


def test_a_split_that_is_terraforms_is_put_right_when_somebody_moves_it(environment):
    ground = environment.ground
    environment.write({1: 90, 2: 10})
    environment.apply()

    refused = ground.poorwill("split", "digits", "v1=20", "v2=80", code=CONFLICT)
    assert "--force-conflicts" in refused.stderr
    ground.poorwill("split", "digits", "v1=20", "v2=80", "--force-conflicts")
    assert environment.plan() == CHANGES

    environment.apply()
    found = shares(environment)
    assert within_binomial_bounds(found["2"], COUNT, 10), found
    assert environment.plan() == NO_CHANGE


def test_a_split_that_is_the_runtimes_is_no_drift_and_poorwill_works_as_ever(environment):
    ground = environment.ground
    environment.write({1: 90, 2: 10}, split_owner="runtime")
    environment.apply()
    assert environment.percents() == {"v1": 90, "v2": 10}

    ground.poorwill("split", "digits", "v1=20", "v2=80", "--force-conflicts")
    assert environment.plan() == NO_CHANGE
    environment.write({1: 0, 2: 100}, split_owner="runtime")
    environment.apply()
    assert environment.percents() == {"v1": 20, "v2": 80}

    ground.poorwill("rollback", "digits", "--yes")
    assert environment.percents() == {"v1": 90, "v2": 10}
    status = json.loads(ground.poorwill("status", "digits", "--output", "json").stdout)
    (model,) = status["models"]
    assert [(version["version"], version["percent"]) for version in model["versions"]] == [(1, 90), (2, 10)]
    assert environment.managers() == {"kubectl", "poorwill"}


def test_a_version_that_is_added_under_the_runtime_gets_its_service_and_no_callers(environment):
    ground = environment.ground
    environment.write({1: 100}, split_owner="runtime")
    environment.apply()

    environment.write({1: 100, 2: 0}, split_owner="runtime")
    environment.apply()
    assert environment.percents() == {"v1": 100}
    ground.poorwill("split", "digits", "v1=50", "v2=50", "--force-conflicts")
    assert environment.percents() == {"v1": 50, "v2": 50}
    assert environment.plan() == NO_CHANGE


def test_traffic_changes_hands_without_moving_a_caller(environment):
    ground = environment.ground
    environment.write({1: 100, 2: 0})
    environment.apply()
    ground.poorwill("split", "digits", "v1=60", "v2=40", "--force-conflicts")

    environment.write({1: 60, 2: 40}, split_owner="runtime")
    environment.apply()
    ground.poorwill("split", "digits", "v1=10", "v2=90", "--force-conflicts")
    assert environment.plan() == NO_CHANGE

    environment.write({1: 10, 2: 90})
    environment.apply()
    assert environment.percents() == {"v1": 10, "v2": 90}
    assert environment.plan() == NO_CHANGE


def test_callers_show_a_key_where_the_component_asks_for_one(environment):
    ground = environment.ground
    environment.write({1: 100}, models={})
    environment.apply()  # the namespace
    digest = hashlib.sha256(b"key").hexdigest()
    ground.kubectl(
        "create", "secret", "generic", "poorwill-api-keys", f"--from-literal=POORWILL_API_KEYS=ci=sha256:{digest}"
    )

    environment.write({1: 100}, components=["authentication/api-keys"])
    environment.apply()
    host = ground.host("rt", "digits")
    assert ground.ask(host).status == 401
    assert ground.ask(host, headers={"Authorization": "Bearer key"}).right
    assert environment.plan() == NO_CHANGE


def test_a_version_that_is_not_ready_keeps_the_split_and_apply_says_why(environment):
    environment.write({1: 100})
    environment.apply()
    registered = json.loads(environment.registered_file.read_text())
    registered["versions"][1]["digest"] = f"sha256:{'0' * 64}"
    wrong = environment.registered_file.with_name("wrong.json")
    wrong.write_text(json.dumps(registered))
    base = environment.terraform.folder / "knative/base/version-service.yaml"
    base.write_text(base.read_text().replace("progress-deadline: 300s", "progress-deadline: 10s"))

    environment.write({1: 50, 2: 50}, registered_file=wrong)
    code, said = environment.tried("apply", "-auto-approve")

    assert code == 1
    assert "services.serving.knative.dev/digits-v2" in said
    assert "Stored bytes are not what was stored" in said
    assert environment.percents() == {"v1": 100}
    assert set(counted(environment.ground.ask_often(environment.ground.host("rt", "digits"), 20))) == {"1"}


def test_what_somebody_else_changed_of_a_version_is_a_conflict_and_is_not_overwritten(environment):
    environment.write({1: 100})
    environment.apply()
    ground = environment.ground
    patch = '[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"ghcr.io/poorwill/serve"}]'
    ground.kubectl("patch", "ksvc", "digits-v1", "--type=json", "--patch", patch)

    code, said = environment.tried("apply", "-auto-approve")

    assert code == 1
    assert "conflict" in said
    assert ground.show("ksvc", "digits-v1")["spec"]["template"]["spec"]["containers"][0]["image"] == (
        "ghcr.io/poorwill/serve"
    )


@pytest.mark.parametrize(
    ("traffic", "words"),
    [
        ({1: 90, 2: 9}, "wanted percents that sum to 100, found 99"),
        ({1: 50, 7: 50}, "wanted versions of digits that are registered and not removed (1, 2)"),
    ],
)
def test_bad_traffic_is_refused_at_plan_in_words(environment, traffic, words):
    environment.write(traffic)

    code, said = environment.tried("plan")

    assert code == 1
    assert words in said
    assert "write" in said


def test_a_removed_version_is_refused_at_plan(environment):
    registered = json.loads(environment.registered_file.read_text())
    registered["versions"][0]["state"] = "removed"
    environment.registered_file.write_text(json.dumps(registered))
    environment.write({1: 100})

    code, said = environment.tried("plan")

    assert code == 1
    assert "registered and not removed (2)" in said
