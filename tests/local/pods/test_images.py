"""Only Poorwill's own images and registered functions run; all else is refused with words."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.cli.serve import parse
from poorwill.errors import NotFoundError, UsageError
from poorwill.local.pods.images import Images, Refusal, misused
from poorwill.settings import SERVED

DIGEST = "sha256:" + "0" * 64


@pytest.fixture
def function(tmp_path):
    folder = tmp_path / "nearest"
    folder.mkdir()
    (folder / "main.py").write_text("one = 1\n")
    return folder


@pytest.fixture
def images(tmp_path):
    (tmp_path / "images").mkdir()
    return Images(tmp_path / "images")


def program(images, image, **container):
    return images.program({"name": "predictor", "image": image, **container})


@pytest.mark.parametrize("tail", ["", ":0.1.0", "@" + DIGEST, ":0.1.0@" + DIGEST])
def test_poorwills_own_image_serves_whatever_its_tag(images, tail):
    assert program(images, "ghcr.io/poorwill/serve" + tail).arguments == ("serve",)


@pytest.mark.parametrize("image", ["nginx", "ghcr.io/poorwill/serve/more", "evil.io/ghcr.io/poorwill/serve", ""])
def test_other_images_are_missing_and_the_words_say_what_runs(images, image):
    refused = program(images, image)

    assert isinstance(refused, Refusal)
    assert refused.reason == "ContainerMissing"
    assert "ghcr.io/poorwill/serve" in refused.message


@pytest.mark.parametrize(
    "asked",
    [
        {"command": ["/bin/sh"]},
        {"args": ["rm"]},
        {"args": ["serve", "--function", "/etc"]},
        {"args": ["serve", "--function=/etc"]},
        {"args": ["serve", "--log-ratio", "1", "--function", "/etc"]},
        {"args": ["serve", "--host", "0.0.0.0"]},  # noqa: S104
        {"args": ["serve", "--host=0.0.0.0"]},
        {"args": ["serve", "--port", "80"]},
        {"args": ["serve", "--metrics-port", "80"]},
        {"args": ["serve", "--revision", "another"]},
        {"args": ["serve", "--unknown"]},
        {"args": ["serve", "tiny@1", "tiny@2"]},
    ],
)
def test_another_command_is_refused(images, asked):
    refused = program(images, "ghcr.io/poorwill/serve:1", **asked)

    assert isinstance(refused, Refusal)
    assert refused.reason == "CommandRefused"


def test_options_of_serve_are_taken(images):
    asked = ["serve", "--log-ratio", "1"]

    assert program(images, "ghcr.io/poorwill/serve:1", args=asked).arguments == tuple(asked)


words = st.sampled_from([setting.flag for setting in SERVED]) | st.sampled_from(["", "a", "-", "--", "-h", "--help"])


@given(st.lists(st.builds("{}{}".format, words, st.sampled_from(["", "=1"]))))
def test_what_is_let_through_says_nothing_to_serve_of_code_and_addresses(arguments):
    if misused(["serve", *arguments]):
        return
    try:
        told = parse(arguments)
    except UsageError:
        return  # nor does it run then
    assert not told.keys() & {"function", "host", "port", "metrics_port", "revision"}


def test_a_registered_function_runs_as_it_was_when_it_was_registered(images, function, tmp_path):
    digest = images.register("localhost/nearest:1", function)
    (function / "main.py").write_text("one = 2\n")

    for image in ("localhost/nearest:1", f"localhost/nearest:1@{digest}"):
        folder = program(images, image).environment["POORWILL_FUNCTION"]
        assert (Path(folder) / "main.py").read_text() == "one = 1\n"
        assert folder.endswith("/nearest"), "the folder's name is the model's"
    assert isinstance(program(images, "localhost/nearest:2"), Refusal)
    assert isinstance(program(images, f"localhost/nearest@{DIGEST}"), Refusal)


def test_what_was_registered_is_known_after_a_restart(images, function, tmp_path):
    images.register("localhost/nearest:1", function)

    again = Images(tmp_path / "images")

    assert not isinstance(program(again, "localhost/nearest:1"), Refusal)


def test_another_content_has_another_digest(images, function):
    first = images.register("localhost/nearest:1", function)
    (function / "main.py").write_text("one = 2\n")

    assert images.register("localhost/nearest:1", function) != first


def test_a_folder_without_main_is_not_registered(images, tmp_path):
    with pytest.raises(NotFoundError):
        images.register("localhost/nothing:1", tmp_path)
