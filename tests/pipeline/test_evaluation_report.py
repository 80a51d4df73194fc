"""What people see of an evaluation."""

import re

import msgspec
import pytest

from poorwill.pipeline.evaluation_report import Evaluation, Slice, report_page
from poorwill.pipeline.verdict import Judged

PASSED = Judged(metric="accuracy", wanted="at least 0.9", limit=0.9, value=0.95, low=0.92, high=0.97, verdict="pass")
FAILED = Judged(metric="log_loss", wanted="at most 0.1", limit=0.1, value=0.2, low=0.15, high=0.25, verdict="fail")
APART = msgspec.structs.replace(
    PASSED, wanted="at most 0.1 worse", verdict="inconclusive", note="it takes other columns"
)
UNSURE = msgspec.structs.replace(PASSED, limit=0.94, verdict="inconclusive")
SLICE = Slice(column="place", part="north", metric="accuracy", value=0.5, low=0.2, high=0.8, rows=7)


def page(*limits, verdict="pass", **changes):
    """Return the page of an evaluation as words, tags left out."""
    whole = {"pipeline": "sums", "data": "june.csv", "model": "sha256:ab", "rows": 1234, "confidence_percent": 95.0}
    serving = {"serving": "", "known_by": "", "not_compared": "", "slices": (), "whole": 0.95}
    content = report_page(Evaluation(verdict=verdict, limits=limits, **whole | serving | changes)).decode()
    return content, re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", content.partition("</style>")[2]))


def test_what_failed_is_told_first_then_what_is_not_settled():
    _, words = page(PASSED, UNSURE, FAILED, verdict="fail")

    assert "The model fails a limit: nothing is registered" in words
    assert words.index("log_loss") < words.index("? inconclusive") < words.index("✓ pass")
    assert "1,234 of june.csv" in words


@pytest.mark.parametrize(("limits", "why"), [((UNSURE, APART), "too few of them"), ((APART,), "be compared with")])
def test_what_is_not_settled_says_whether_rows_or_a_comparison_are_lacking(limits, why):
    _, words = page(*limits, verdict="inconclusive")

    assert why in words


def test_a_comparison_that_was_not_made_shows_no_figures():
    _, words = page(APART, verdict="inconclusive")

    assert "it takes other columns" in words
    assert "0.95" not in words


def test_an_interval_and_its_limit_are_drawn_to_scale():
    content, _ = page(UNSURE)

    (interval,) = re.findall(r'class="range" x1="([^"]*)" x2="([^"]*)"', content)
    (value,) = re.findall(r'cx="([^"]*)"', content)
    (limit,) = re.findall(r'class="line" x1="([^"]*)"', content)
    low, high = map(float, interval)
    assert (float(value) - low) / (high - low) == pytest.approx(0.6, abs=0.01)
    assert (float(limit) - low) / (high - low) == pytest.approx(0.4, abs=0.01)


def test_names_from_the_data_are_no_markup():
    odd = msgspec.structs.replace(SLICE, part="<script>alert(1)</script>")

    content, _ = page(PASSED, slices=(SLICE, odd), data="<b>.csv")

    assert "<script" not in content
    assert "<b>" not in content
    assert "&lt;script&gt;" in content
