"""Finds the examples of HCL in the pages of terraform/.

An example is a block of ```hcl, a root that stands in a folder of its own below terraform/, or the variables that a
command of ```sh writes into a .tfvars file of an environment; what one command writes, the next one may add to.
"""

import re
from typing import NamedTuple

from tests.terraform.configuration import PROJECT

HCL = re.compile(r"^```hcl\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WRITES_VARIABLES = re.compile(r"^cat (>>?) \S*\.tfvars <<'END'\n(.*?)^END$", re.MULTILINE | re.DOTALL)
PAGES = sorted((PROJECT / "terraform").rglob("*.md"))


class Example(NamedTuple):
    """An example, by the folder of its page and its place on it."""

    folder: str
    number: int
    text: str

    def __str__(self) -> str:
        """Return its name among the tests."""
        return f"{self.folder}:{self.number}"


def roots() -> list[Example]:
    """Return the examples that are roots."""
    return [
        Example(str(page.parent.relative_to(PROJECT)), number, text)
        for page in PAGES
        for number, text in enumerate(HCL.findall(page.read_text()), 1)
    ]


def variables() -> list[Example]:
    """Return what stands in an environment's .tfvars after each command of its page that writes there."""
    found = []
    for page in PAGES:
        written = ""
        for number, (how, text) in enumerate(WRITES_VARIABLES.findall(page.read_text()), 1):
            written = written + text if how == ">>" else text
            found.append(Example(str(page.parent.relative_to(PROJECT)), number, written))
    return found
