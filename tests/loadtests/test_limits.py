"""A run's limits: each is judged by itself, and one broken limit is enough."""

import pytest

from loadtests.found import Found, FoundWhole
from loadtests.limits import Limits, RunLimits, WholeLimits, judge, read, table
from loadtests.runs import RUNS

LIMITS = Limits(
    warm_p50_limit_ms=20,
    warm_p99_limit_ms=250,
    cold_p50_limit_ms=900,
    cold_p99_limit_ms=2000,
    lowest_cold_answers=1,
    lowest_requests_per_second=50,
)
WHOLE = WholeLimits(cost_limit_usd_per_million=2, split_deviation_limit_percent=5, lowest_asleep_percent=50)
ALL = RunLimits({"infer": LIMITS}, WHOLE)
GOOD = Found(100, 0, 0, 0, 20, 250, 1, 900, 2000, 50)
WHOLE_GOOD = FoundWhole(2, 5, 50)


def broken(limits, found, whole=WHOLE_GOOD):
    return [line.measure for line in judge(limits, {"infer": found} if found else {}, whole) if not line.kept]


def test_a_run_exactly_at_its_limits_keeps_them():
    assert broken(ALL, GOOD) == []


@pytest.mark.parametrize(
    ("measure", "change"),
    [
        ("errors", {"errors": 1}),
        ("lost", {"lost": 1}),
        ("wrong", {"wrong": 1}),
        ("warm p50 ms", {"warm_p50_ms": 21}),
        ("warm p99 ms", {"warm_p99_ms": 251}),
        ("cold p50 ms", {"cold_p50_ms": 901}),
        ("cold p99 ms", {"cold_p99_ms": 2001}),
        ("cold answers", {"cold_answers": 0}),
        ("requests/s", {"requests_per_second": 49}),
    ],
)
def test_what_is_over_its_limit_breaks_that_one(measure, change):
    assert broken(ALL, GOOD._replace(**change)) == [measure]


@pytest.mark.parametrize(
    ("measure", "change"),
    [
        ("USD a million answers", {"usd_per_million": 2.1}),
        ("split, points off", {"split_deviation_percent": 5.1}),
        ("models asleep %", {"asleep_percent": 49}),
    ],
)
def test_a_run_as_a_whole_has_limits_too(measure, change):
    assert broken(ALL, GOOD, WHOLE_GOOD._replace(**change)) == [measure]


def test_a_limit_of_what_was_never_measured_is_broken():
    assert broken(RunLimits({}, WHOLE), None, FoundWhole()) == [
        "USD a million answers",
        "split, points off",
        "models asleep %",
    ]


def test_where_nobody_waited_cold_percentiles_are_kept_and_a_wanted_cold_answer_is_not():
    found = GOOD._replace(cold_answers=0, cold_p50_ms=None, cold_p99_ms=None)

    assert broken(ALL, found) == ["cold answers"]


def test_a_kind_of_request_that_was_never_sent_breaks_its_rate_though_no_lowest_one_is_said():
    assert broken(RunLimits({"infer": Limits()}), None) == ["requests/s"]
    assert broken(RunLimits({"infer": Limits()}), Found(1, requests_per_second=0.1)) == []


def test_the_table_names_kind_limit_found_and_verdict():
    lines = table(judge(ALL, {"infer": GOOD._replace(wrong=3)}, WHOLE_GOOD)).splitlines()

    assert [line.split() for line in lines[3:5]] == [
        ["infer:", "wrong", "<=", "0", "3", "BROKEN"],
        ["infer:", "warm", "p50", "ms", "<=", "20", "20", "kept"],
    ]


def test_every_run_in_the_repository_has_limits():
    assert set(read()) == set(RUNS)


def test_a_limit_by_another_name_is_refused(tmp_path):
    path = tmp_path / "limits.yaml"
    path.write_text("steady: {kinds: {infer: {p99_ms: 1}}}\n")

    with pytest.raises(TypeError, match="p99_ms"):
        read(path)
