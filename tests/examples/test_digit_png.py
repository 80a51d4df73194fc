"""The worked example of own code around a model: a PNG in, a label and probabilities out."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from poorwill.errors import InvalidRequestError, PoorwillError
from poorwill.registry.onnx_session import open_session
from poorwill.serving.function import Function

EXAMPLES = Path(__file__).parents[2] / "functions" / "examples"
NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SERVED = Function(str(EXAMPLES / "digit_png")).around(open_session(str(EXAMPLES / "digits" / "digits.onnx")))


def ask(png):
    tensor = np.empty(1, object)
    tensor[0] = png
    return SERVED.run({"png": tensor})


def picture(name):
    return (EXAMPLES / "digit_png" / f"{name}.png").read_bytes()


def packed(image):
    content = BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_is_recognised_as_what_its_name_says(name):
    answer = ask(picture(name))

    assert NAMES[answer["label"][0]] == name
    assert (answer["label"].shape, answer["probabilities"].shape) == ((1,), (10,))


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1", "I;16"])
def test_dark_ink_on_light_paper_is_read_in_any_mode_of_png(mode):
    white_on_black = Image.open(BytesIO(picture("seven"))).convert("L")
    black_on_white = white_on_black.point(lambda grey: 255 - grey)
    if mode == "I;16":
        black_on_white = Image.fromarray(np.asarray(black_on_white).astype(np.uint16) * 256 + 77)
    else:
        black_on_white = black_on_white.convert(mode)

    assert ask(packed(black_on_white))["label"].tolist() == [7]


def test_ink_on_a_transparent_ground_is_ink_on_paper():
    alpha = Image.open(BytesIO(picture("three"))).convert("L")
    ink = Image.new("RGBA", alpha.size, "black")
    ink.putalpha(alpha)

    assert ask(packed(ink))["label"].tolist() == [3]


@pytest.mark.parametrize("size", [(7, 8), (8, 1025), (9000, 9000)])  # the last is a bomb: 10 kB, or 81 MB unpacked
def test_a_picture_of_a_size_that_is_not_taken_is_refused(size):
    with pytest.raises(InvalidRequestError, match="wanted 8 to 1024 pixels a side"):
        ask(packed(Image.new("1", size)))


@given(st.binary(max_size=200))
def test_bytes_that_are_no_png_are_refused(content):
    with pytest.raises(InvalidRequestError, match="wanted a PNG picture"):
        ask(content)


@given(st.data())
def test_a_broken_png_is_answered_or_refused_and_nothing_else(data):
    content = bytearray(picture("five"))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))

    try:
        answer = ask(bytes(content[: data.draw(st.integers(0, len(content)))]))
    except PoorwillError as error:
        assert isinstance(error, InvalidRequestError)
    else:
        assert answer["probabilities"].shape == (10,)
