"""What can't be is refused in words, and changes nothing that works."""

import pytest
import yaml

from tests.e2e.behaviour.ground import counted, version_service

CONFLICT, REFUSED, NOT_READY = 73, 2, 78


@pytest.fixture(scope="module")
def both(ground):
    ground.deploy("digits@1")
    ground.deploy("digits@2")
    ground.poorwill("split", "digits", "v1=50", "v2=50")
    return ground


def generation(ground):
    return ground.show("rt", "digits")["metadata"]["generation"]


@pytest.mark.parametrize(
    "targets", [("v1=50", "v2=40"), ("v1=101",), ("v1=50", "v1=50"), ("v9=100",), ("v1=x",), ("one=100",)], ids=" ".join
)
def test_a_split_that_cannot_be_is_refused_and_nothing_moves(both, targets):
    before = generation(both)

    done = both.poorwill("split", "digits", *targets, code=66 if "v9=100" in targets else REFUSED)

    assert "wanted" in done.stderr
    assert generation(both) == before


def test_a_split_that_somebody_else_owns_is_shown_as_a_conflict_and_not_overwritten(both):
    both.poorwill("split", "digits", "v1=50", "v2=50")
    other = {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Route",
        "metadata": {"name": "digits", "namespace": both.namespace},
        "spec": {"traffic": [{"configurationName": "digits-v1", "percent": 100, "tag": "v1"}]},
    }
    both.kubectl(
        "apply",
        "--server-side",
        "--force-conflicts",
        "--field-manager=somebody",
        "-f",
        "-",
        stdin=yaml.safe_dump(other),
    )

    done = both.poorwill("split", "digits", "v1=10", "v2=90", code=CONFLICT)

    assert "somebody" in done.stderr
    assert both.show("rt", "digits")["spec"]["traffic"][0]["percent"] == 100
    both.kubectl("delete", "rt", "digits")
    both.poorwill("split", "digits", "v1=50", "v2=50")


def test_the_api_refuses_a_bad_percent_with_the_fields_path(both):
    route = both.show("rt", "digits")
    route["spec"]["traffic"][0]["percent"] = 51

    done = both.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=_manifest(route), code=1)

    assert "spec.traffic" in done.stderr


def test_the_api_refuses_an_unknown_field_with_its_path(both):
    route = both.show("rt", "digits")
    route["spec"]["traffics"] = []

    done = both.kubectl("apply", "-f", "-", stdin=_manifest(route), code=1)

    assert "spec.traffics" in done.stderr


def test_a_version_with_traffic_is_not_deleted(both):
    both.poorwill("split", "digits", "v1=50", "v2=50")

    both.poorwill("delete", "digits@2", "--yes", code=CONFLICT)

    assert both.show("ksvc", "digits-v2")


def test_a_wrong_digest_never_gets_ready_and_the_reason_is_told(both):
    def other_digest(service):
        container = service["spec"]["template"]["spec"]["containers"][0]
        for variable in container["env"]:
            if variable["name"] == "POORWILL_DIGEST":
                variable["value"] = f"sha256:{'0' * 64}"
            if variable["name"] == "POORWILL_MODEL":
                variable["value"] = "digits@2"
        service["metadata"]["name"] = "astray-v2"
        service["metadata"]["labels"]["app.kubernetes.io/name"] = "astray-v2"
        service["spec"]["template"]["metadata"]["annotations"]["serving.knative.dev/progress-deadline"] = "10s"

    path = version_service(both.folder / "astray.yaml", both.image, edit=other_digest)
    both.kubectl("apply", "-f", path)
    both.kubectl("wait", "--for=condition=Ready=False", "--timeout=120s", "ksvc/astray-v2")

    words = str(both.show("rev", "astray-v2-00001")["status"]["conditions"])
    both.kubectl("delete", "ksvc", "astray-v2")
    assert "digest" in words


def test_an_image_that_cannot_be_had_is_told(both):
    both.poorwill("split", "digits", "v1=100")
    both.poorwill("delete", "digits@2", "--yes")

    done = both.deploy("digits@2", "--image", "dev.local/nobody-has-this:v1", "--timeout", "30", code=NOT_READY)

    both.kubectl("delete", "ksvc", "digits-v2")
    assert "image" in done.stderr


def test_a_route_whose_version_is_deleted_behind_its_back_keeps_the_last_good_split_for_the_rest(both):
    both.deploy("digits@2")
    both.poorwill("split", "digits", "v1=100", "v2=0")
    both.kubectl("delete", "ksvc", "digits-v2")
    both.kubectl("wait", "--for=condition=Ready=False", "--timeout=60s", "rt/digits")

    assert counted(both.ask_often(both.host("rt", "digits"), 20)) == {"1": 20}


def _manifest(route):
    metadata = {name: route["metadata"][name] for name in ("name", "namespace")}
    return yaml.safe_dump({**{name: route[name] for name in ("apiVersion", "kind", "spec")}, "metadata": metadata})
