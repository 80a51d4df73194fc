"""Poorwill's images of pipelines and of delivery run on the twin, each its own functions and nothing besides."""

import pytest

from poorwill.local.pods.images import Images, Refusal
from poorwill.pipeline.names import KEEPER, STEPS

TRAIN, DEPLOY = "ghcr.io/poorwill/train:0.1.0", "ghcr.io/poorwill/deploy:0.1.0"


@pytest.fixture
def pipeline(tmp_path):
    folder = tmp_path / "flowers"
    folder.mkdir()
    (folder / "pipeline.yaml").write_text("format: 1\n")
    return folder


@pytest.fixture
def images(tmp_path):
    (tmp_path / "images").mkdir()
    return Images(tmp_path / "images")


def program(images, image, *args):
    return images.program({"name": "step", "image": image, **({"args": [*args]} if args else {})})


@pytest.mark.parametrize("name", [*STEPS, KEEPER])
def test_the_training_image_runs_the_function_that_its_argument_names(images, name):
    assert program(images, TRAIN, name).arguments == (name,)


@pytest.mark.parametrize("args", [(), ("rm",), ("train", "--help"), ("ingest", "validate")])
def test_no_other_argument_is_taken(images, args):
    refused = program(images, TRAIN, *args)

    assert isinstance(refused, Refusal)
    assert refused.reason == "CommandRefused"
    assert "ingest" in refused.message


def test_an_argument_that_a_variable_holds_is_looked_at_when_it_is_known(images):
    found = program(images, TRAIN, "$(STEP)")

    assert found.misused(("train",)) == ""
    assert found.misused(("serve",)) != ""


def test_a_folder_with_a_pipeline_becomes_an_image_whose_functions_read_it(images, pipeline):
    digest = images.register("team/flowers:1", pipeline)
    found = program(images, f"team/flowers@{digest}", "ingest")

    assert found == program(images, "team/flowers:1", "ingest")
    assert found.environment["POORWILL_PIPELINE"].endswith("/flowers")
    assert found.entrypoint == program(images, TRAIN, "ingest").entrypoint


def test_a_manifest_may_not_name_a_folder_that_nobody_registered(images, pipeline):
    images.register("team/flowers:1", pipeline)

    for image in (TRAIN, "team/flowers:1"):
        assert "POORWILL_PIPELINE" in program(images, image, "train").withheld({"POORWILL_PIPELINE": "/etc"})
    assert program(images, TRAIN, "train").withheld({"POORWILL_STORE": "./store"}) == ""


@pytest.mark.parametrize("image", [TRAIN, DEPLOY])
def test_what_asks_the_cluster_has_the_twins_kubeconfig_and_its_own_namespace(images, tmp_path, image):
    found = program(images, image, *(["evaluate"] if image == TRAIN else []))

    assert found.variables("models")["KUBECONFIG"] == str(tmp_path / "kubeconfig")
    assert found.variables("models")["POORWILL_NAMESPACE"] == "models"


def test_a_predictor_asks_no_cluster(images):
    assert program(images, "ghcr.io/poorwill/serve").variables("models") == {}


def test_the_deploy_function_takes_no_arguments(images):
    assert program(images, DEPLOY).entrypoint[-2:] == ("--target", "deploy")
    assert isinstance(program(images, DEPLOY, "--source", "/tmp/other.py"), Refusal)  # noqa: S108 - never made
