"""Writes each root's variables and outputs into its README, between two marks: `python -m tests.terraform.tables`."""

import json
import re
from typing import Any

from tests.terraform.configuration import MISSING, PROJECT, ROOTS, bare, outputs, variables

BEGIN, END = "<!-- variables -->", "<!-- /variables -->"
BETWEEN = re.compile(f"(?<={re.escape(BEGIN)}\n).*?(?={re.escape(END)})", re.DOTALL)


def tables(root: str) -> str:
    """Return the tables of a root's variables and outputs, those that must be given first."""
    rows = [
        f"| `{variable.name}` | `{variable.type}` | {_default(variable.default)} | {_cell(variable.description)} |"
        for variable in sorted(variables(root), key=lambda variable: variable.default is not MISSING)
    ]
    parts = ["| variable | type | default | is |", "|---|---|---|---|", *rows, ""]
    if declared := outputs(root):
        rows = [f"| `{output.name}` | {_cell(output.description)} |" for output in declared]
        parts += ["| output | is |", "|---|---|", *rows, ""]
    return "\n".join(["", *parts, ""])


def _default(value: Any) -> str:
    return "" if value is MISSING else f"`{written(value)}`"


def written(value: Any) -> str:
    """Return a value as HCL, in one line."""
    if isinstance(value, dict):
        items = ", ".join(f"{key} = {written(item)}" for key, item in value.items())
        return f"{{ {items} }}" if items else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, str) and bare(value) != value:
        return bare(value)
    return json.dumps(value, ensure_ascii=False)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def page(root: str, text: str) -> str:
    """Return a README's text with the tables of now."""
    return BETWEEN.sub(lambda _: tables(root), text)


def main() -> None:
    """Write the tables into all READMEs."""
    for root in ROOTS:
        readme = PROJECT / root / "README.md"
        if readme.exists():
            readme.write_text(page(root, readme.read_text()))


if __name__ == "__main__":
    main()
