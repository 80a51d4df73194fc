"""Images built for real where this machine can: upon the image that Poorwill's functions run."""

import os
import subprocess
import time
from functools import partial
from pathlib import Path
from typing import Self

from loadtests.comparison.ground import CommandError, run
from poorwill.delivery.image.context import Base, examine
from poorwill.delivery.image.engine import Engine, choose_engine
from poorwill.errors import PoorwillError

# docker keeps layers by itself
_LAYERS = {"BUILDAH_LAYERS": "true"}
_LOOPBACK = ("127.0.0.1:", "localhost:")  # where docker asks for no TLS, either


class ImageBuild:
    """Builds images over and over, with a cache of layers; a context that removes them.

    Args:
        engine: docker or buildah.
        base: that is built upon.
    """

    def __init__(self, engine: str, base: str) -> None:
        self.engine, self._base = engine, base
        self._engine = Engine(engine, partial(subprocess.run, env=os.environ | _LAYERS))
        self._names: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for name in self._names:
            subprocess.run([self.engine, "rmi", "--force", name], check=False, capture_output=True)

    def build(self, folder: Path, name: str) -> float:
        """Build one from a function's folder, and return how long it took in seconds."""
        self._names.add(name)
        began = time.monotonic()
        self._engine.build(examine(folder), name, Base(self._base))
        return time.monotonic() - began

    def push(self, name: str) -> tuple[str, float]:
        """Push one to its registry, and return it by digest, and how long it took in seconds."""
        began = time.monotonic()
        pushed = self._engine.push(name, plain_http=name.startswith(_LOOPBACK))
        return pushed.reference, time.monotonic() - began


def image_build(base: str) -> ImageBuild | None:
    """Return how images are built here, None where no engine works or the base is not there."""
    try:
        engine = choose_engine().name
        run([engine, "inspect", "--type", "image", base], Path.cwd())
    except (PoorwillError, CommandError):
        return None
    return ImageBuild(engine, base)
