"""Why a version is not Ready, from statuses as a real cluster wrote them."""

import json

import pytest

from poorwill.delivery.diagnosis import Cause, diagnose, explained, own_lines
from poorwill.errors import NotFoundError

SERVICE = {"metadata": {"name": "digits-v1"}, "status": {}}
LAST_WORDS = """poorwill: Stored bytes are not what was stored

  where   digits@1
  wanted  the digest that was asked for
  found   sha256:45dc
  next    deploy it with its own digest
"""


def pod(**container):
    statuses = [{"name": "queue-proxy", "state": {"waiting": {"reason": "ErrImagePull"}}}]
    statuses.append({"name": "predictor", "ready": False, "restartCount": 0} | container)
    return {"metadata": {"name": "p"}, "status": {"phase": "Running", "containerStatuses": statuses}}


def waiting(reason, message=""):
    return pod(state={"waiting": {"reason": reason, "message": message}})


def ended(code, *, restarts=0, reason="Error", message=""):
    terminated = {"exitCode": code, "reason": reason, "message": message}
    state = {"waiting": {"reason": "CrashLoopBackOff"}} if restarts else {"terminated": terminated}
    return pod(state=state, lastState={"terminated": terminated}, restartCount=restarts)


def revision(kind, reason, message=""):
    return {"status": {"conditions": [{"type": kind, "status": "False", "reason": reason, "message": message}]}}


@pytest.mark.parametrize(
    ("seen", "cause"),
    [
        (waiting("ImagePullBackOff", "Back-off pulling"), Cause.IMAGE),
        (waiting("InvalidImageName"), Cause.IMAGE),
        (waiting("CreateContainerConfigError", 'configmap "poorwill-store" not found'), Cause.CONFIGURATION),
        (ended(137, reason="OOMKilled"), Cause.MEMORY),
        (ended(74), Cause.DIGEST),
        (ended(69), Cause.STORE),
        (ended(66), Cause.STORE),
        (ended(2), Cause.CONFIGURATION),
        (ended(1, restarts=4), Cause.CRASH),
        (pod(state={"running": {}}), Cause.READINESS),
    ],
    ids=lambda value: str(value) if isinstance(value, Cause) else "",
)
def test_a_pod_tells_the_cause(seen, cause):
    assert explained(SERVICE, None, [seen]).cause == cause


@pytest.mark.parametrize(
    ("seen", "cause"),
    [
        (revision("ContainerHealthy", "ContainerMissing", "Unable to fetch image"), Cause.IMAGE),
        (revision("ContainerHealthy", "ExitCode74", "Container failed with: ..."), Cause.DIGEST),
        (revision("ResourcesAvailable", "FailedCreate", 'pods "x" is forbidden: exceeded quota: q'), Cause.QUOTA),
        (revision("ResourcesAvailable", "Unschedulable", "0/1 nodes are available"), Cause.SCHEDULING),
        (revision("Ready", "ProgressDeadlineExceeded", "Initial scale was never achieved"), Cause.READINESS),
    ],
    ids=lambda value: str(value) if isinstance(value, Cause) else "",
)
def test_without_a_pod_the_revision_tells(seen, cause):
    found = explained(SERVICE, seen, [])

    assert found.cause == cause
    assert found.next


# as kubelet 1.35 with containerd wrote them by turns
ABSENT = (
    'rpc error: code = NotFound desc = failed to pull and unpack image "r.example/calm@sha256:00": failed to resolve '
    'reference "r.example/calm@sha256:00": r.example/calm@sha256:00: not found'
)
UNREACHED = (
    'failed to pull and unpack image "r.example/calm@sha256:00": '
    'failed to resolve reference "r.example/calm@sha256:00": '
    'failed to do request: Head "https://r.example/v2/calm": dial tcp: lookup r.example: no such host'
)


def backed_off(message):
    return waiting("ImagePullBackOff", f'Back-off pulling image "r.example/calm@sha256:00": ErrImagePull: {message}')


@pytest.mark.parametrize("message", [ABSENT, UNREACHED])
def test_a_pull_that_fails_is_told_in_the_same_words_at_each_try(message):
    assert (
        explained(SERVICE, None, [backed_off(message)]).words
        == explained(SERVICE, None, [waiting("ErrImagePull", message)]).words
    )


def test_waiting_is_of_no_use_where_the_registry_says_that_it_has_no_such_image():
    found = explained(SERVICE, None, [backed_off(ABSENT)])

    assert found.words == "it can't be pulled: r.example/calm@sha256:00: not found"
    assert found.hopeless


@pytest.mark.parametrize("seen", [waiting("ErrImagePull", ABSENT), backed_off(UNREACHED)])
def test_a_first_try_and_a_registry_that_does_not_answer_may_pass(seen):
    assert not explained(SERVICE, None, [seen]).hopeless


def test_what_the_process_said_last_is_told():
    found = explained(SERVICE, None, [ended(74, restarts=1, message=LAST_WORDS)])

    assert "exit code 74: Stored bytes are not what was stored" in found.words
    assert "wanted the digest that was asked for" in found.words
    assert "started 2 times" in found.words


@pytest.mark.parametrize(
    ("code", "restarts", "hopeless"), [(74, 1, False), (74, 2, True), (69, 9, False), (1, 3, True)]
)
def test_a_crash_that_comes_again_is_hopeless_but_a_store_may_come_back(code, restarts, hopeless):
    assert explained(SERVICE, None, [ended(code, restarts=restarts)]).hopeless is hopeless


def test_a_process_that_was_just_started_again_is_given_its_chance():
    seen = ended(74, restarts=5)
    seen["status"]["containerStatuses"][1]["state"] = {"running": {}}

    found = explained(SERVICE, None, [seen])

    assert (found.cause, found.hopeless) == (Cause.DIGEST, False)


def test_nothing_seen_is_no_cause():
    assert explained(SERVICE, None, []).cause == Cause.UNKNOWN


def test_only_our_own_lines_are_shown_and_others_counted():
    own = json.dumps({"time": "t", "severity": "ERROR", "message": "the store is away"})
    printed = ["password=hunter2", "Traceback (most recent call last):", '{"password": "hunter2"}', "", "poorwill: x"]

    shown = list(own_lines([own, *printed]))

    assert shown == [own, "poorwill: x", "(3 more that are not Poorwill's own; `poorwill logs` shows them)"]


class LogOfMain:
    """Has a pod whose serving container a user called main, as the API would answer for it."""

    def get(self, kind, name):
        configuration = {"metadata": {"generation": 1}}
        return configuration | {"status": {"observedGeneration": 1, "latestCreatedRevisionName": "digits-v1-00001"}}

    def list(self, kind, labels):
        containers = [{"name": "queue-proxy"}, {"name": "main"}]
        labels = {"serving.knative.dev/revision": "digits-v1-00001"}
        return [{"metadata": {"name": "p", "labels": labels}, "spec": {"containers": containers}}]

    def log(self, pod, container, *, tail_lines):
        if container != "main":
            raise NotFoundError
        yield "poorwill: the store is away"


def test_the_last_lines_are_those_of_the_container_that_serves_whatever_its_name():
    assert diagnose(LogOfMain(), SERVICE, logs=True).lines == ("poorwill: the store is away",)


def test_a_long_line_is_cut():
    line = json.dumps({"time": "t", "severity": "INFO", "message": "x" * 10_000})

    (shown,) = own_lines([line])

    assert len(shown) == 400
