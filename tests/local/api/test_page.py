"""docs/twin-api.md lists exactly what is there."""

from pathlib import Path

from poorwill.kinds.kind import KINDS
from poorwill.local.api.page import page

PAGE = Path(__file__).parents[3] / "docs/twin-api.md"


def test_the_page_is_what_the_tables_say():
    advice = (
        ".venv/bin/python -c 'from poorwill.local.api.page import page; print(page(), end=str())' > docs/twin-api.md"
    )

    assert PAGE.read_text() == page(), advice


def test_every_kind_has_a_row():
    assert [kind.kind for kind in KINDS if f"| {kind.kind} " not in page()] == []
