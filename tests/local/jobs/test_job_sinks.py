"""An event for a JobSink is one Job and one Secret, however often it comes (cmd/jobsink of Eventing 1.22)."""

import asyncio
import hashlib
import json
from base64 import b64decode

import pytest

from poorwill.kinds import admission
from poorwill.kinds.kind import JOB, JOB_SINK, SECRET, Key
from poorwill.local.control.job import reconcile
from poorwill.local.job_run import JobRun
from poorwill.local.jobs.job_sinks import JobSinks
from poorwill.local.state import State
from poorwill.serving.message import Request
from tests.local.control.eventing import job_sink
from tests.local.control.ground import NAMESPACE

HOST = "job-sink.knative-eventing.svc.cluster.local"
EVENT = {"ce-id": "1", "ce-source": "owls", "ce-type": "seen", "ce-specversion": "1.0", "content-type": "text/plain"}
NAME = "nest-" + hashlib.md5(b"owls1").hexdigest()  # noqa: S324 - as Knative names it


@pytest.fixture
def sinks(tmp_path):
    """Yield the JobSinks of a state with one, nest."""
    state = State(tmp_path / "state.sqlite")
    state.create(admission.admit(job_sink("nest"), user="somebody"))
    sinks = JobSinks(state)
    sinks.state = state
    yield sinks
    state.close()


def ask(sinks, method="POST", path=f"/{NAMESPACE}/nest", *, host=HOST, body=b"hoo", **headers):
    async def run():
        return await sinks.answer(Request(method, path, {"host": host, **EVENT, **headers}, body))

    return asyncio.run(run())


def found(sinks, kind, name=NAME):
    return sinks.state.get(Key(kind, NAMESPACE, name))


def test_an_event_is_a_job_and_its_secret(sinks):
    answer = ask(sinks)
    job, secret = found(sinks, JOB), found(sinks, SECRET)

    assert answer.status == 202
    assert dict(answer.headers) == {"location": f"/namespaces/{NAMESPACE}/name/nest/sources/owls/ids/1"}
    labels = {"sinks.knative.dev/job-sink-id": NAME, "sinks.knative.dev/job-sink-name": "nest"}
    assert job["metadata"]["labels"].items() >= labels.items()
    assert job["metadata"]["ownerReferences"][0]["kind"] == "jobsinks"
    container = job["spec"]["template"]["spec"]["containers"][0]
    assert container["env"] == [
        {"name": "K_EXECUTION_MODE", "value": "batch"},
        {"name": "K_EVENT_PATH", "value": "/etc/jobsink-event"},
    ]
    assert [(mount["name"], mount["mountPath"]) for mount in container["volumeMounts"]] == [
        ("jobsink-event", "/etc/jobsink-event")
    ]
    assert secret["immutable"] is True
    assert secret["metadata"]["ownerReferences"][0]["uid"] == job["metadata"]["uid"]
    event = json.loads(b64decode(secret["data"]["event"]))
    assert (event["id"], event["source"], event["data"]) == ("1", "owls", "hoo")


def test_the_same_event_again_is_acknowledged_and_starts_nothing(sinks):
    ask(sinks)
    first = found(sinks, JOB)
    answer = ask(sinks, body=b"other words")

    assert answer.status == 202
    assert found(sinks, JOB) == first
    assert len(sinks.state.list(JOB)) == len(sinks.state.list(SECRET)) == 1


def test_a_secret_that_a_killed_twin_had_no_time_for_is_made_when_the_event_comes_again(sinks):
    ask(sinks)
    sinks.state.delete(Key(SECRET, NAMESPACE, NAME))
    ask(sinks)

    assert found(sinks, SECRET)["metadata"]["ownerReferences"][0]["uid"] == found(sinks, JOB)["metadata"]["uid"]


def test_a_place_of_the_users_own_for_the_event_is_kept(sinks):
    own = job_sink("own")
    container = own["spec"]["job"]["spec"]["template"]["spec"]["containers"][0]
    container["volumeMounts"] = [{"name": "jobsink-event", "mountPath": "/in"}]
    sinks.state.create(own)
    ask(sinks, path=f"/{NAMESPACE}/own")

    (job,) = sinks.state.list(JOB)
    assert {"name": "K_EVENT_PATH", "value": "/in"} in job["spec"]["template"]["spec"]["containers"][0]["env"]


def test_the_location_tells_how_the_job_is(sinks):
    location = dict(ask(sinks).headers)["location"]
    assert ask(sinks, "GET", location).status == 202

    for run, status, reason in ((JobRun(succeeded=1), 200, "Complete"), (JobRun(failed=7), 400, "Failed")):
        job = found(sinks, JOB)
        plan = reconcile({**job, "status": {}}, run=run, now="2026-11-28T12:00:00Z")
        sinks.state.update({**job, "status": plan.status}, status=True)
        answer = ask(sinks, "GET", location)
        assert (answer.status, dict(answer.headers)["reason"]) == (status, reason)
    assert ask(sinks, "GET", location.replace("/ids/1", "/ids/2")).status == 500


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"path": f"/{NAMESPACE}/away"}, 400),
        ({"path": f"/{NAMESPACE}"}, 400),
        ({"method": "PUT"}, 400),
        ({"ce-id": ""}, 400),
        ({"body": b"x" * (1 << 20)}, 413),
        ({"method": "GET"}, 400),
    ],
)
def test_what_can_be_no_job_is_refused_and_nothing_is_made(sinks, wrong, status):
    assert ask(sinks, **wrong).status == status
    assert sinks.state.list(JOB) == sinks.state.list(SECRET) == []


def test_other_hosts_are_left_to_others(sinks):
    assert sinks.answer(Request("POST", "/", {"host": "broker-ingress.knative-eventing"}, b"")) is None
    assert ask(sinks, host="job-sink.knative-eventing:8090").status == 202


def test_deleting_a_job_sink_leaves_its_jobs(sinks):
    ask(sinks)
    sinks.state.delete(Key(JOB_SINK, NAMESPACE, "nest"))

    assert found(sinks, JOB)
