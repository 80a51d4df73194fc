"""Durations as Go reads and writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.kinds import duration

# from Go's own time package: ParseDuration and String
KNOWN = {
    "0": 0,
    "5s": 5 * 10**9,
    "1m30s": 90 * 10**9,
    "+1.5h": 5400 * 10**9,
    "-1h15m30.918s": -4530918000000,
    ".5s": 5 * 10**8,
    "3.s": 3 * 10**9,
    "1h2m3s4ms5us6ns": 3723004005006,
    "12µs": 12000,
    "12μs": 12000,
    "39h9m14.425s": 140954425000000,
    "9223372036854775807ns": 2**63 - 1,
    "-9223372036854775808ns": -(2**63),
}
REFUSED = [
    "",
    "3",
    "-",
    "s",
    ".",
    "-.",
    ".s",
    "+.s",
    "1d",
    "5 s",
    "1h 5m",
    "5s5",
    "9223372036854775808ns",
    "٣s",
    "1.2.3s",
]


@pytest.mark.parametrize("text", KNOWN)
def test_a_duration_is_read_as_go_reads_it(text):
    assert duration.nanoseconds(text) == KNOWN[text]


@pytest.mark.parametrize("text", REFUSED)
def test_what_go_refuses_is_refused(text):
    with pytest.raises(ValueError, match="not a duration"):
        duration.nanoseconds(text)


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [(0, "0s"), (1, "1ns"), (1100, "1.1µs"), (2200000, "2.2ms"), (90 * 10**9, "1m30s"), (3600 * 10**9, "1h0m0s")],
)
def test_a_duration_is_written_as_go_writes_it(nanoseconds, text):
    assert duration.written(nanoseconds) == text


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_what_was_written_is_read_as_the_same(nanoseconds):
    assert duration.nanoseconds(duration.written(nanoseconds)) == nanoseconds


@given(st.text(alphabet="0123456789.hmsnuµ-+ e", max_size=12))
def test_any_text_is_a_duration_or_refused(text):
    try:
        assert isinstance(duration.nanoseconds(text), int)
    except ValueError as error:
        assert "not a duration" in str(error)
