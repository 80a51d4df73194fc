"""From rounds to tables: medians, ratios, the claim told either way, and bars that stand alone."""

from xml.etree import ElementTree as ET

import pytest

from loadtests.bars import Bar, bars
from loadtests.comparison.report import Comparison, deployment_bars, markdown, pairs
from loadtests.comparison.sides import MONOLITH, POORWILL
from loadtests.comparison.visit import Seen, Visit

SEEN = Seen(asked=100, errors=1, lost=2, wrong=0, delayed=3, p50_ms=4.0, slowest_ms=300.0)


def visits(poorwill_seconds, monolith_seconds=4.0, models=10):
    for turn in (-1, 0, 1):
        for side, seconds in ((MONOLITH, monolith_seconds), (POORWILL, poorwill_seconds)):
            took = seconds + turn * 0.5
            yield Visit(
                side, models, took, {"push": 1.0, "until it answers": took - 1}, took / 2, SEEN, SEEN, SEEN, 10, 500.0
            )


def comparison(rounds, engine="buildah"):
    return Comparison("2026-11-28T18:00+00:00", "2 cores", "1a2b3c4", engine, list(rounds))


def test_medians_are_taken_by_side_and_number_of_models():
    found = pairs([*visits(3.0), *visits(2.0, models=50)], lambda one: one.deploy_seconds)

    assert [(pair.models, pair.monolith_seconds, pair.poorwill_seconds) for pair in found] == [(10, 4, 3), (50, 4, 2)]


@pytest.mark.parametrize(("seconds", "words"), [(3.0, "25 % less"), (8.0, "100 % more")])
def test_the_claim_is_answered_whichever_way_it_falls(seconds, words):
    page = markdown(comparison(visits(seconds)), command="`make comparison`")

    assert f"Found: with 10 models Poorwill takes {words}." in page


def test_a_page_without_an_image_build_says_so():
    page = markdown(comparison(visits(3.0), engine=""), command="`make comparison`")

    assert page.startswith("2026-11-28, 2 cores, commit 1a2b3c4, 3 rounds, no image built, `make comparison`:")
    assert "The monolith's image was not built, which is to its advantage." in page


def test_counts_are_summed_over_the_rounds_and_the_slowest_is_the_slowest_of_all():
    page = markdown(comparison(visits(3.0)), command="`make comparison`")

    assert f"| deployment, {POORWILL} | 10 | 300 | 3 | 6 | 0 | 9 | 4.0 | 300 |" in page


def test_bars_are_a_picture_with_a_part_for_each_step():
    picture = ET.fromstring(bars(deployment_bars(list(visits(3.0))), told="seconds & steps", unit="s"))  # noqa: S314 - made here

    texts = [element.text for element in picture.iter() if element.tag.endswith(("text", "title"))]
    assert {"seconds & steps", f"{POORWILL}, 10 models", f"{MONOLITH}, 10 models", "push", "4", "3"} <= set(texts)
    assert sum(element.tag.endswith("rect") for element in picture.iter()) == 2 + 4, "a key, and parts of two bars"


def test_a_bar_is_as_long_as_its_value():
    picture = ET.fromstring(bars([Bar("a", {"x": 1.0}), Bar("b", {"x": 2.0})], told="t", unit="s"))  # noqa: S314 - made here

    widths = [float(element.get("width")) for element in picture.iter() if element.get("height") == "18"]
    assert widths[1] == pytest.approx(2 * widths[0], abs=0.2)
