"""Names of images, taken apart: repository, tag, digest."""

import re
from typing import NamedTuple

from poorwill.errors import Fault, UsageError
from poorwill.kinds.image_reference import is_image

_PARTS = re.compile(
    r"(?P<repository>[a-z0-9][^:@]*?(?::[0-9]+/[^:@]+?)?)"  # with the port of its registry
    r"(?::(?P<tag>[^:/@]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?",
    re.ASCII,
)


class Reference(NamedTuple):
    """An image's name."""

    repository: str
    tag: str = ""
    digest: str = ""

    @property
    def pinned(self) -> bool:
        """Return whether it means the same bytes for ever."""
        return bool(self.digest)

    def at(self, digest: str) -> str:
        """Return the repository's image of this digest."""
        return f"{self.repository}@{digest}"


def parse_reference(text: str, where: str) -> Reference:
    """Return the parts of an image's name; UsageError where it is none."""
    match = _PARTS.fullmatch(text) if is_image(text) else None
    if match is None:
        advice = "such as registry.example/digits:1"
        raise UsageError(Fault(where, "an image's name, [registry/]repository[:tag]", "something else", advice))
    return Reference(match["repository"], match["tag"] or "", match["digest"] or "")
