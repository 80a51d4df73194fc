"""The documentation says what the code says."""

import re
from pathlib import Path

import pytest

from poorwill.errors import PoorwillError
from poorwill.serving.function import Function
from poorwill.settings import SETTINGS, table

ROOT = Path(__file__).parent.parent
FOLDERS = ("docs", "functions", "knative", "loadtests", "terraform")
PAGES = sorted([*ROOT.glob("*.md"), *(page for folder in FOLDERS for page in (ROOT / folder).rglob("*.md"))])
LINK = re.compile(r"\[[^\]]*\]\(([^)#]+)(#[^)]*)?\)")


def ids(path):
    return str(path.relative_to(ROOT))


def test_the_table_of_settings_is_the_settings():
    assert (ROOT / "docs/settings.md").read_text().endswith("\n\n" + table())


def test_the_table_of_refusals_is_the_errors():
    page = (ROOT / "docs/serving.md").read_text()

    for kind in PoorwillError.__subclasses__():
        words = (kind.__doc__ or "").splitlines()[0].rstrip(".")
        assert f"| {kind.status} | {kind.exit_code} | {words} |" in page


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_every_link_leads_somewhere(page):
    links = [match[1] for match in LINK.finditer(page.read_text()) if "://" not in match[1]]

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_every_setting_that_a_page_names_exists(page):
    variables = {setting.variable for setting in SETTINGS}

    assert set(re.findall(r"POORWILL_[A-Z_]*[A-Z]", page.read_text())) <= variables


def test_the_function_in_the_documentation_is_one(tmp_path):
    code = re.search(r"```python\n(.*?)```", (ROOT / "docs/functions.md").read_text(), re.DOTALL)
    (tmp_path / "main.py").write_text(code[1])

    assert callable(Function(str(tmp_path)).module.predict)
