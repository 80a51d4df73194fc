"""The cost notes of the environments add up, name their sources, and speak of what the modules make."""

import re
from decimal import Decimal

import pytest

from tests.terraform.configuration import PROJECT

ENVIRONMENTS = PROJECT / "terraform/environments"
CLOUDS = ("aws", "gcp", "azure")
COLUMNS = ("part", "count", "price", "month", "seen")
PRICE = re.compile(r"\$([\d.]+) (.+)")
SEEN = re.compile(r"\[[^\]]+\]\([^)]+\) (\d{4}-\d\d(-\d\d)?|undated copy|not confirmed)")
TIMES_A_MONTH = {"an hour": Decimal(730), "a day": Decimal(365) / 12}
CENT = Decimal("0.01")

each_environment = pytest.mark.parametrize("environment", [*CLOUDS, "multi"])


def note(environment):
    page = (ENVIRONMENTS / environment / "README.md").read_text()
    return page.split("## What it costs asleep", 1)[1].split("<!-- variables -->", 1)[0]


def table(environment):
    """Return a note's rows by their columns, the sum last."""
    lines = [line for line in note(environment).splitlines() if line.startswith("| ")][1:]
    return [
        dict(zip(COLUMNS, (cell.strip() for cell in line.strip("| ").split(" | ")), strict=False)) for line in lines
    ]


def dollars(text):
    return Decimal(text.strip("*$| "))


def total(environment):
    return dollars(note(environment).split("**asleep**")[1].split("**")[1])


@each_environment
def test_each_part_is_its_count_times_its_price(environment):
    for row in table(environment)[:-1]:
        price, unit = PRICE.fullmatch(row["price"]).groups()
        month = Decimal(row["count"]) * Decimal(price) * TIMES_A_MONTH.get(unit, Decimal(1))
        assert month.quantize(CENT) == dollars(row["month"]), row["part"]


@each_environment
def test_the_parts_sum_to_what_it_costs_asleep(environment):
    assert sum(dollars(row["month"]) for row in table(environment)[:-1]) == total(environment)


def test_what_several_clouds_cost_is_what_each_costs_and_the_name():
    parts = {row["part"].split()[0]: dollars(row["month"]) for row in table("multi")[:-1]}

    assert {cloud: parts[cloud] for cloud in CLOUDS} == {cloud: total(cloud) for cloud in CLOUDS}


@each_environment
def test_each_price_names_its_page_and_when_it_was_seen(environment):
    assert re.search(r"\*\*price table of \d{4}-\d\d-\d\d\*\*", note(environment))
    assert [row["part"] for row in table(environment)[:-1] if not SEEN.fullmatch(row["seen"])] == []


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_nodes_of_a_note_are_those_of_the_module(cloud):
    (nodes,) = (row["part"] for row in table(cloud) if row["part"].startswith("always-on nodes, "))
    module = PROJECT / "terraform/modules/cluster" / cloud

    assert f'"{nodes.removeprefix("always-on nodes, ")}"' in "".join(path.read_text() for path in module.glob("*.tf"))
