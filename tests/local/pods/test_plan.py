"""What a revision asks of its pods, and what the twin can't give is said."""

import pytest

from poorwill.kinds.kind import CONFIG_MAP, SECRET
from poorwill.local.pods.images import Images
from poorwill.local.pods.plan import plan
from poorwill.local.pods.volumes import Files
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


def test_a_scratch_folder_at_tmp_and_secrets_and_config_maps_can_be_had(images):
    mounts = [("scratch", "/tmp"), ("keys", "/keys"), ("names", "/names/")]  # noqa: S108 - as the manifest has it
    asked = revision(volumeMounts=[{"name": name, "mountPath": path} for name, path in mounts])
    items = [{"key": "a", "path": "b"}]
    asked["spec"]["volumes"] = [
        {"name": "scratch", "emptyDir": {"sizeLimit": "1Gi"}},
        {"name": "keys", "secret": {"secretName": "keys", "optional": True}},
        {"name": "names", "configMap": {"name": "names", "items": items}},
    ]

    assert plan(asked, images).files == (
        Files(SECRET, "keys", "/keys", optional=True),
        Files(CONFIG_MAP, "names", "/names", items=(("a", "b"),)),
    )


@pytest.mark.parametrize(
    ("volume", "mount"),
    [
        ({"emptyDir": {}}, {"mountPath": "/keys"}),
        ({"secret": {"secretName": "keys"}}, {"mountPath": "/keys", "subPath": "one"}),
        ({"projected": {"sources": []}}, {"mountPath": "/keys"}),
    ],
)
def test_no_other_volume_can_be_had(images, volume, mount):
    asked = revision(volumeMounts=[{"name": "keys", **mount}])
    asked["spec"]["volumes"] = [{"name": "keys", **volume}]

    refused = plan(asked, images)
    assert refused.reason == "UnsupportedByTwin"
    assert "/keys" in refused.message


def test_two_containers_are_said_to_be_one_too_many(images):
    asked = revision()
    asked["spec"]["containers"].append({"name": "sidecar", "image": "ghcr.io/poorwill/serve:1"})

    assert plan(asked, images).reason == "UnsupportedByTwin"
