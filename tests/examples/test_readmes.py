"""The commands in each example's README do what it says."""

from pathlib import Path

import pytest

from tests.readme import clone, needs_curl, run

PAGES = sorted((Path(__file__).parents[2] / "functions" / "examples").glob("*/README.md"))


@needs_curl
@pytest.mark.e2e
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_the_commands_do_what_the_page_says(page, tmp_path):
    assert run(page, clone(tmp_path)) >= 2
