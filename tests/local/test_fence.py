"""Which failures are kept, and what the log says of them."""

import pytest

from poorwill.local.fence import Fence


def fail(words, error=ValueError):
    raise error(words)


def test_a_failure_is_told_once_by_type_and_place_until_it_has_gone_well_again(caplog):
    fence = Fence("the work")
    for thing, fails in (("a", True), ("a", True), ("b", True), ("a", False), ("a", True)):
        with fence.around(thing):
            if fails:
                fail("a secret")

    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 3
    assert all(line.startswith("the work failed: ValueError at test_fence.py:") for line in told)
    assert "secret" not in caplog.text


def test_other_failures_pass():
    with pytest.raises(ValueError, match="other"), Fence("the work", OSError).around("a"):
        fail("other")
