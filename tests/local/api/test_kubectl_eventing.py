"""Unmodified kubectl writes, shows and explains Eventing's kinds and Jobs."""

import json

import pytest

from tests.kinds.mutant import good
from tests.local.api.objects import text

pytestmark = pytest.mark.e2e

KINDS = ("broker", "trigger", "sequence", "job-sink", "ping-source", "job")
ALL = "broker,trigger,sequence,jobsink,pingsource,job"
HEADS = {
    "broker": ["NAME", "URL", "AGE", "READY", "REASON"],
    "trigger": ["NAME", "BROKER", "SUBSCRIBER_URI", "AGE", "READY", "REASON"],
    "sequence": ["NAME", "URL", "AGE", "READY", "REASON"],
    "jobsink": ["NAME", "URL", "AGE", "READY", "REASON"],
    "pingsource": ["NAME", "SINK", "SCHEDULE", "AGE", "READY", "REASON"],
    "job": ["NAME", "STATUS", "COMPLETIONS", "DURATION", "AGE"],
}


def objects(*names):
    return "\n---\n".join(text(good(name)) for name in names)


@pytest.mark.parametrize("flags", [[], ["--server-side"]], ids=["on the client's side", "on the server's"])
def test_it_applies_each_kind_and_sees_that_nothing_changed(twin, flags):
    first = twin.kubectl("apply", *flags, "-f", "-", sent=objects(*KINDS)).splitlines()
    stored = twin.kubectl("get", ALL, "-o", "json")
    twin.kubectl("apply", *flags, "-f", "-", sent=objects(*KINDS))

    assert len(first) == len(KINDS)
    assert twin.kubectl("get", ALL, "-o", "json") == stored


def test_each_kind_has_the_columns_of_its_definition(twin):
    twin.kubectl("apply", "-f", "-", sent=objects(*KINDS))

    tables = {kind: twin.kubectl("get", kind).splitlines()[0].split() for kind in HEADS}

    assert tables == HEADS
    assert twin.kubectl("get", "broker", "-o", "wide").splitlines()[0].split()[-1] == "CLASS"
    assert twin.kubectl("get", "broker", "-o", "wide").splitlines()[1].split()[-1] == "MTChannelBasedBroker"
    assert "trigger.eventing.knative.dev/scored" in twin.kubectl("get", "all")


def test_columns_show_what_a_status_says(twin):
    twin.kubectl("apply", "-f", "-", sent=objects("broker", "trigger", "ping-source"))
    ready = [{"type": "Ready", "status": "True"}]
    broken = [{"type": "Ready", "status": "False", "reason": "NotFound"}]
    for kind, name, status in (
        ("broker", "default", {"address": {"url": "http://broker"}, "conditions": ready}),
        ("trigger", "scored", {"subscriberUri": "http://iris", "conditions": broken}),
        ("pingsource", "clock", {"sinkUri": "http://broker", "conditions": ready}),
    ):
        twin.kubectl("patch", kind, name, "--subresource=status", "--type=merge", "-p", text({"status": status}))

    rows = [twin.kubectl("get", kind, "--no-headers").split() for kind in ("broker", "trigger", "pingsource")]

    assert rows[0][:2] + rows[0][3:] == ["default", "http://broker", "True"]
    assert rows[1][:3] + rows[1][4:] == ["scored", "default", "http://iris", "False", "NotFound"]
    assert rows[2][:2] + rows[2][-1:] == ["clock", "http://broker", "True"]


def test_a_job_is_found_by_its_own_selector_and_shown_while_it_runs_and_when_it_is_done(twin):
    told = twin.kubectl("create", "job", "once", "--image=ghcr.io/poorwill/train:0.1.0", "--", "poorwill", "train")
    job = json.loads(twin.kubectl("get", "job", "once", "-o", "json"))
    running = twin.kubectl("get", "job", "once", "-o", "wide", "--no-headers").split()
    done = {
        "succeeded": 1,
        "startTime": "2026-01-01T00:00:00Z",
        "completionTime": "2026-01-01T00:03:05Z",
        "conditions": [{"type": "Complete", "status": "True"}],
    }
    twin.kubectl("patch", "job", "once", "--subresource=status", "--type=merge", "-p", text({"status": done}))

    labels, selector = job["spec"]["template"]["metadata"]["labels"], job["spec"]["selector"]["matchLabels"]
    assert told == "job.batch/once created\n"
    assert selector.items() <= labels.items()
    assert selector == {"batch.kubernetes.io/controller-uid": job["metadata"]["uid"]}
    assert job["spec"]["template"]["spec"]["containers"][0]["command"] == ["poorwill", "train"]
    assert running[1:3] + running[-3:-1] == ["Running", "0/1", "once", "ghcr.io/poorwill/train:0.1.0"]
    assert twin.kubectl("get", "job", "once", "--no-headers").split()[1:4] == ["Complete", "1/1", "3m5s"]
    assert "condition met" in twin.kubectl("wait", "job/once", "--for=condition=Complete", "--timeout=5s")


def test_who_creates_a_job_owns_its_defaults(twin):
    twin.kubectl("create", "-f", "-", sent=objects("job-bare"))

    job = json.loads(twin.kubectl("get", "job", "once", "-o", "json", "--show-managed-fields"))

    (owned,) = [entry["fieldsV1"]["f:spec"] for entry in job["metadata"]["managedFields"]]
    assert {"f:backoffLimit", "f:completions", "f:template"} <= owned.keys()
    assert "f:selector" not in owned


def test_what_makes_a_jobs_pods_is_never_another(twin):
    twin.kubectl("apply", "-f", "-", sent=objects("job-bare"))
    other = objects("job-bare").replace("train:latest", "train:2")

    told = twin.kubectl("apply", "-f", "-", sent=other, code=1)
    assert 'The Job "once" is invalid: spec.template: ' in told
    assert "configured" in twin.kubectl(
        "apply", "-f", "-", sent=objects("job-bare").replace('"spec": {', '"spec": {"suspend": true, ', 1)
    )


def test_a_job_is_selected_by_how_often_it_succeeded(twin):
    twin.kubectl("apply", "-f", "-", sent=objects("job", "job-bare"))
    status = {"status": {"succeeded": 2}}
    twin.kubectl("patch", "job", "train", "--subresource=status", "--type=merge", "-p", text(status))

    found = [twin.kubectl("get", "job", f"--field-selector=status.successful={n}", "-o", "name") for n in (0, 2)]

    assert found == ["job.batch/once\n", "job.batch/train\n"]


def test_a_job_that_is_deleted_without_a_policy_leaves_its_pods(twin):
    twin.kubectl("apply", "-f", "-", sent=objects("job-bare"))

    twin.kubectl("delete", "--raw", "/apis/batch/v1/namespaces/default/jobs/once")

    assert twin.kubectl("get", "job", "once", "-o", "jsonpath={.metadata.finalizers}") == '["orphan"]'


def test_it_deletes_and_describes_each_kind(twin):
    twin.kubectl("apply", "-f", "-", sent=objects(*KINDS))

    described = [twin.kubectl("describe", kind) for kind in HEADS]
    twin.kubectl("delete", ALL, "--all")

    assert all("Name: " in text_ for text_ in described)
    assert "No resources found" in twin.kubectl("get", ALL)


def test_it_explains_fields_even_of_filters_inside_filters(twin):
    assert "exact" in twin.kubectl("explain", "trigger.spec.filters")
    assert "<Object>" in twin.kubectl("explain", "trigger.spec.filters.not")
    assert "activeDeadlineSeconds" in twin.kubectl("explain", "job.spec")
    assert "schedule" in twin.kubectl("explain", "pingsource.spec", "--recursive")


def test_cesql_is_refused_in_words(twin):
    trigger = good("trigger-bare")
    trigger["spec"]["filters"] = [{"cesql": "type = 'a'"}]

    told = twin.kubectl("apply", "-f", "-", sent=text(trigger), code=1)

    assert "spec.filters[0].cesql" in told
    assert "CESQL, which the twin does not run" in told
