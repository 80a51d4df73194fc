"""Your own code around a model: a PNG of one digit in, its label and probabilities out.

`predict` runs in the server, before and after the model that is served (../digits); SIGNATURE is what callers see.
"""

from collections.abc import Mapping
from io import BytesIO

import numpy as np
from PIL import Image

from poorwill.errors import Fault, InvalidRequestError
from poorwill.registry.records import Signature, TensorSpec
from poorwill.serving.model import Model

SIGNATURE = Signature(
    inputs=(TensorSpec("png", "BYTES", (1,)),),
    outputs=(TensorSpec("label", "INT64", (1,)), TensorSpec("probabilities", "FP32", (10,))),
)
SIDE_PIXELS = 8  # what the model was trained on
LARGEST_SIDE_PIXELS = 1024  # 1 MB unpacked: a small file can't unpack into a large picture
MIDDLE_GREY = 127


def predict(inputs: Mapping[str, np.ndarray], model: Model) -> Mapping[str, np.ndarray]:
    """Return label and probabilities for the one picture in `png`."""
    answer = model.run({"image": to_pixels(inputs["png"][0])})
    return {"label": answer["label"], "probabilities": answer["probabilities"][0]}


def to_pixels(png: bytes) -> np.ndarray:
    """Return the picture as the model's table has it, FP32 [1, 64]: 0 is paper, 16 is ink.

    Raises:
        InvalidRequestError: no PNG, a broken one, or one of a size that is not taken.
    """
    grey = _unpack(png)
    ink = np.asarray(grey.resize((SIDE_PIXELS, SIDE_PIXELS), Image.Resampling.BOX), np.float32)
    if np.median(ink) > MIDDLE_GREY:  # dark ink on light paper; the table has it the other way round
        ink = 255 - ink
    return (ink * (16 / 255)).reshape(1, -1)


def _unpack(png: bytes) -> Image.Image:
    try:
        picture: Image.Image = Image.open(BytesIO(png), formats=("PNG",))
        _check_size(*picture.size)  # known from the header; nothing is unpacked yet
        if picture.mode.startswith("I"):  # 16 bits a pixel, which Pillow's conversions clip at 255
            picture = Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
        paper = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(paper, picture.convert("RGBA")).convert("L")
    except InvalidRequestError:
        raise
    except Exception as error:  # Pillow refuses broken bytes with OSError, SyntaxError, IndexError and others
        raise InvalidRequestError(
            Fault("input png", "a PNG picture", "bytes that are none", "send the file as it is on disk")
        ) from error


def _check_size(width: int, height: int) -> None:
    if not (SIDE_PIXELS <= width <= LARGEST_SIDE_PIXELS and SIDE_PIXELS <= height <= LARGEST_SIDE_PIXELS):
        wanted = f"{SIDE_PIXELS} to {LARGEST_SIDE_PIXELS} pixels a side"
        raise InvalidRequestError(Fault("input png", wanted, f"{width} x {height}", "scale the picture first"))
