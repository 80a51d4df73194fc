"""A run's limits: each is judged by itself, and one broken limit is enough."""

import subprocess
import sys
from pathlib import Path

import pytest

from loadtests.limits import Found, Limits, judge, read, table

ROOT = Path(__file__).parents[2]
LIMITS = {"infer": Limits(allowed_errors=0, allowed_wrong=0, p99_limit_ms=250, lowest_requests_per_second=50)}
GOOD = Found(errors=0, wrong=0, p99_ms=250, requests_per_second=50)


def test_a_run_exactly_at_its_limits_keeps_them():
    assert all(line.kept for line in judge(LIMITS, {"infer": GOOD}))


@pytest.mark.parametrize(
    ("measure", "change"),
    [
        ("errors", {"errors": 1}),
        ("wrong", {"wrong": 1}),
        ("p99 ms", {"p99_ms": 251}),
        ("requests/s", {"requests_per_second": 49}),
    ],
)
def test_what_is_over_its_limit_breaks_that_one(measure, change):
    judged = judge(LIMITS, {"infer": GOOD._replace(**change)})

    assert [line.measure for line in judged if not line.kept] == [measure]


def test_a_kind_of_request_that_was_never_sent_breaks_its_lowest_rate():
    assert [line.measure for line in judge(LIMITS, {}) if not line.kept] == ["requests/s"]


def test_wrong_answers_are_told_from_errors():
    # in a process of its own: importing Locust patches the whole interpreter
    script = """
from locust.exception import CatchResponseError
from locust.stats import RequestStats
from loadtests.limits import WRONG, found_in
stats = RequestStats()
for _ in range(10):
    stats.log_request("POST", "infer", 5, 100)
for error in (CatchResponseError(WRONG), CatchResponseError(WRONG), "503"):
    stats.log_error("POST", "infer", error)
print(*found_in(stats)["infer"][:3])
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == ["1", "2", "5.0"]


def test_the_table_names_kind_limit_found_and_verdict():
    lines = table(judge(LIMITS, {"infer": GOOD._replace(wrong=3)})).splitlines()

    assert [line.split() for line in lines[2:4]] == [
        ["infer:", "wrong", "<=", "0", "3", "BROKEN"],
        ["infer:", "p99", "ms", "<=", "250", "250", "kept"],
    ]


def test_the_limits_in_the_repository_can_be_read():
    assert set(read()) == {"infer JSON", "infer binary"}


def test_a_limit_by_another_name_is_refused(tmp_path):
    path = tmp_path / "limits.yaml"
    path.write_text("infer: {allowed_errors: 0, allowed_wrong: 0, p99_ms: 1, lowest_requests_per_second: 1}\n")

    with pytest.raises(TypeError, match="p99_ms"):
        read(path)
