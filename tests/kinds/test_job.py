"""What a Job gets when it is made, as a real API server gives it."""

from poorwill.kinds import admission
from poorwill.kinds.job_defaults import selected
from tests.kinds.mutant import changed, good

UID = "5c0f1a52-0000-4000-8000-000000000000"
OWN = {
    "batch.kubernetes.io/controller-uid": UID,
    "batch.kubernetes.io/job-name": "once",
    "controller-uid": UID,
    "job-name": "once",
}
RUN = {"poorwill.dev/run": "8"}


def made(*changes):
    obj = changed(good("job-bare"), changes)
    return selected(admission.default(obj), UID)


def test_its_pods_get_its_name_and_uid_as_labels_and_it_finds_them_by_its_uid():
    job = made()

    assert job["spec"]["template"]["metadata"]["labels"] == RUN | OWN
    assert job["spec"]["selector"] == {"matchLabels": {"batch.kubernetes.io/controller-uid": UID}}


def test_without_labels_it_takes_those_of_its_pods():
    assert made()["metadata"]["labels"] == RUN | OWN
    assert made({"at": ["metadata", "labels"], "to": {"a": "b"}})["metadata"]["labels"] == {"a": "b"}
    assert made({"at": ["spec", "template", "metadata", "labels"]})["metadata"]["labels"] == OWN


def test_a_selector_of_its_maker_stays():
    selector = {"matchLabels": RUN}
    job = made({"at": ["spec", "manualSelector"], "to": True}, {"at": ["spec", "selector"], "to": selector})

    assert job["spec"]["selector"] == selector
    assert job["spec"]["template"]["metadata"]["labels"] == job["metadata"]["labels"] == RUN


def test_a_name_that_is_the_jobs_own_label_is_no_fault():
    job = changed(
        good("job-bare"),
        [{"at": ["spec", "template", "metadata", "labels", "batch.kubernetes.io/job-name"], "to": "once"}],
    )

    assert admission.faults(admission.default(job)) == ()


def test_where_a_suspended_job_will_run_may_still_change_and_nothing_else_of_its_pods():
    suspend = {"at": ["spec", "suspend"], "to": True}
    job = admission.default(changed(good("job-bare"), [suspend]))
    moved = changed(job, [{"at": ["spec", "template", "spec", "nodeSelector"], "to": {"gpu": "yes"}}])
    other = changed(moved, [{"at": ["spec", "template", "spec", "containers", 0, "image"], "to": "a"}])

    assert admission.faults(moved, job) == ()
    assert [fault.where for fault in admission.faults(other, job)] == ["spec.template"]
    begun = {**job, "status": {"startTime": "2026-01-01T00:00:00Z"}}
    assert [fault.where for fault in admission.faults(moved, begun)] == ["spec.template"]
