"""What a revision asks of its pods, and what the twin can't give is said."""

import pytest

from poorwill.local.pods.images import Images
from poorwill.local.pods.plan import plan
from poorwill.local.revision import Failure
from tests.local.pods.conftest import KEY, revision


@pytest.fixture
def images(tmp_path):
    return Images(tmp_path)


def test_limits_grace_and_deadline_are_read(images):
    asked = revision(
        annotations={"serving.knative.dev/progress-deadline": "90s"},
        timeout_seconds=120,
        resources={"limits": {"cpu": "1500m", "memory": "512Mi"}},
    )

    found = plan(asked, images)

    assert found.key == KEY
    assert (found.cpu_limit, found.memory_limit_bytes) == (1.5, 512 * 2**20)
    assert (found.grace_seconds, found.deadline_seconds) == (120, 90)


def test_without_limits_there_are_none_and_times_are_knatives(images):
    found = plan(revision(), images)

    assert (found.cpu_limit, found.memory_limit_bytes, found.deadline_seconds) == (None, 0, 600)


def test_a_scratch_folder_at_tmp_can_be_had_and_no_other_volume(images):
    scratch = revision(volumeMounts=[{"name": "scratch", "mountPath": "/tmp"}])  # noqa: S108 - as the manifest has it
    scratch["spec"]["volumes"] = [{"name": "scratch", "emptyDir": {"sizeLimit": "1Gi"}}]
    secret = revision(volumeMounts=[{"name": "keys", "mountPath": "/keys"}])
    secret["spec"]["volumes"] = [{"name": "keys", "secret": {"secretName": "keys"}}]

    assert not isinstance(plan(scratch, images), Failure)
    refused = plan(secret, images)
    assert refused.reason == "UnsupportedByTwin"
    assert "/keys" in refused.message


def test_two_containers_are_said_to_be_one_too_many(images):
    asked = revision()
    asked["spec"]["containers"].append({"name": "sidecar", "image": "ghcr.io/poorwill/serve:1"})

    assert plan(asked, images).reason == "UnsupportedByTwin"
