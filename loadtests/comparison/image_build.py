"""The monolith's image, built for real where this machine can: upon the image that Poorwill's functions run."""

import os
import subprocess
from functools import partial
from pathlib import Path
from typing import Self

from loadtests.comparison.ground import CommandError, run
from poorwill.delivery.image.context import Base, examine
from poorwill.delivery.image.engine import Engine, choose_engine
from poorwill.errors import PoorwillError

NAME = "localhost/poorwill-comparison-monolith:1"
# docker keeps layers by itself
_LAYERS = {"BUILDAH_LAYERS": "true"}


class ImageBuild:
    """Builds one image over and over, with a cache of layers; a context that removes it.

    Args:
        engine: docker or buildah.
        base: that is built upon.
    """

    def __init__(self, engine: str, base: str) -> None:
        self.engine, self._base = engine, base
        self._engine = Engine(engine, partial(subprocess.run, env=os.environ | _LAYERS))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run([self.engine, "rmi", "--force", NAME], check=False, capture_output=True)

    def build(self, folder: Path) -> None:
        """Build it from a folder with main.py and models."""
        self._engine.build(examine(folder), NAME, Base(self._base))


def image_build(base: str) -> ImageBuild | None:
    """Return how images are built here, None where no engine works or the base is not there."""
    try:
        engine = choose_engine().name
        run([engine, "inspect", "--type", "image", base], Path.cwd())
    except (PoorwillError, CommandError):
        return None
    return ImageBuild(engine, base)
