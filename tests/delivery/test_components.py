"""A version service is made from knative/base with components over it."""

import pytest

from poorwill.delivery import components, manifests
from poorwill.errors import UsageError

FOLDER = manifests.base().parent / "components"
ANNOTATION = "autoscaling.knative.dev/window"


def annotations(service):
    return service["spec"]["template"]["metadata"]["annotations"]


def test_a_component_changes_what_it_says_and_keeps_the_rest():
    plain, quick = manifests.starting_service(), manifests.starting_service(None, ["sleeps-soon"])

    assert annotations(quick).pop(ANNOTATION) == "6s"
    annotations(quick).pop("autoscaling.knative.dev/scale-to-zero-pod-retention-period")
    assert quick == plain


def test_components_lie_over_a_service_of_ones_own(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        (manifests.base() / "version-service.yaml")
        .read_text()
        .replace("containerConcurrency: 32", "containerConcurrency: 3")
    )

    service = manifests.starting_service(path, ["kept-awake", "sleeps-soon"])

    assert service["spec"]["template"]["spec"]["containerConcurrency"] == 3
    assert annotations(service)["autoscaling.knative.dev/min-scale"] == "1"
    assert annotations(service)[ANNOTATION] == "6s"


@pytest.mark.parametrize("name", components.names(FOLDER))
def test_a_component_is_laid_over_without_kubectl_as_with_it(name):
    assert components.laid_over(FOLDER, manifests.starting_service(), [name]) == manifests.starting_service(
        None, [name]
    )


def test_an_unknown_component_is_refused_with_those_that_there_are():
    with pytest.raises(UsageError, match="sleeps-soon"):
        manifests.starting_service(None, ["sleep-soon"])
    with pytest.raises(UsageError, match="sleeps-soon"):
        components.laid_over(FOLDER, manifests.starting_service(), ["network-policy"])


def test_components_that_bring_objects_of_their_own_are_not_among_them():
    assert "network-policy" not in components.names(FOLDER)
    assert {"bursts", "kept-awake", "sleeps-soon"} <= set(components.names(FOLDER))
