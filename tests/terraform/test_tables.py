"""The tables of variables and outputs in READMEs are those of the configuration."""

import pytest

from tests.terraform.configuration import PROJECT, ROOTS
from tests.terraform.tables import BEGIN, BETWEEN, END, page, tables, written


@pytest.mark.parametrize("root", ROOTS)
def test_a_readme_tells_of_all_variables_and_outputs(root):
    text = (PROJECT / root / "README.md").read_text()

    assert len(BETWEEN.findall(text)) == 1
    assert page(root, text) == text, "python -m tests.terraform.tables"


def test_what_has_to_be_given_comes_first_and_has_no_default():
    rows = tables("terraform/modules/storage/aws").splitlines()

    assert rows[1] == "| variable | type | default | is |"
    assert rows[3].startswith("| `name` | `string` |  | ")
    assert "| `keep_runs_days` | `number` | `90` | " in "\n".join(rows)


def test_a_value_is_written_as_hcl():
    value = {"nodes": 2, "types": ["a", "b"], "spot": True, "none": None, "region": "${local.region}", "tags": {}}

    wanted = '{ nodes = 2, types = ["a", "b"], spot = true, none = null, region = local.region, tags = {} }'
    assert written(value) == wanted


def test_words_around_the_tables_stay():
    text = f"before\n\n{BEGIN}\nold\n{END}\n\nafter\n"

    assert page("terraform/modules/storage/aws", text).startswith(f"before\n\n{BEGIN}\n\n| variable |")
    assert page("terraform/modules/storage/aws", text).endswith(f" |\n\n{END}\n\nafter\n")
