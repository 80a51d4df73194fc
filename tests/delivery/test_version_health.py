"""What the doctor says of version services, from the base with one thing changed."""

import pytest

from poorwill.delivery.manifests import container_of, starting_service
from poorwill.delivery.version_health import look


def service(edit=lambda _: None):
    made = starting_service()
    edit(made["spec"]["template"])
    return made


def annotation(name, value):
    return lambda template: template["metadata"]["annotations"].update({name: value})


def variable(name, value):
    def edit(template):
        env = template["spec"]["containers"][0]["env"]
        env[:] = [entry for entry in env if entry["name"] != name] + [{"name": name, "value": value}]

    return edit


def route(percent, name="digits"):
    traffic = [{"configurationName": "digits-v1", "percent": percent}]
    return {"metadata": {"name": name}, "spec": {"traffic": traffic}}


def test_the_base_is_healthy():
    assert list(look([service()], [route(100)])) == []


@pytest.mark.parametrize(
    ("edit", "percent", "check", "broken"),
    [
        (annotation("autoscaling.knative.dev/min-scale", "2"), 0, "retired", False),
        (annotation("autoscaling.knative.dev/min-scale", "2"), 100, "awake", False),
        (annotation("prometheus.io/port", "8080"), 100, "awake", False),
        (annotation("prometheus.io/port", "metrics"), 100, "metrics", False),
        (variable("POORWILL_FETCH_TIMEOUT_SECONDS", "300"), 100, "timeouts", True),
        (annotation("serving.knative.dev/progress-deadline", "10s"), 100, "timeouts", True),
        (variable("POORWILL_GRACE_SECONDS", "280"), 100, "timeouts", False),
        (variable("POORWILL_CONCURRENCY_LIMIT", "31"), 100, "concurrency", True),
        (lambda template: template["spec"].update(containerConcurrency=0), 100, "concurrency", False),
        (variable("POORWILL_METRICS_PORT", "9091"), 100, "metrics", True),
        (lambda template: template["spec"]["containers"][0].update(imagePullPolicy="Always"), 100, "image", False),
    ],
)
def test_one_thing_that_is_wrong_is_found(edit, percent, check, broken):
    (found,) = look([service(edit)], [route(percent)])

    assert found.check == f"digits-v1, {check}"
    assert found.broken is broken
    assert found.next


def test_a_services_own_route_is_no_traffic_of_the_model():
    own = route(100)
    own["metadata"] = {"name": "digits-v1", "labels": {"serving.knative.dev/service": "digits-v1"}}

    (found,) = look([service(annotation("autoscaling.knative.dev/min-scale", "1"))], [own])

    assert found.check == "digits-v1, retired"


def test_services_that_are_not_poorwills_are_left_alone():
    other = service()
    other["metadata"]["labels"] = {}
    container_of(other)["imagePullPolicy"] = "Always"

    assert list(look([other], [])) == []
