"""Garbage is collected again after a long list, however that ended."""

import gc

import pytest

from poorwill.delivery.uncollected import uncollected


def test_nothing_is_collected_in_the_block_and_as_before_after_it():
    seen = []

    def fail():
        with uncollected():
            seen.append(gc.isenabled())
            raise LookupError

    with pytest.raises(LookupError):
        fail()

    assert (seen, gc.isenabled()) == ([False], True)


def test_who_collects_nothing_goes_on_so():
    gc.disable()
    try:
        with uncollected():
            pass

        assert not gc.isenabled()
    finally:
        gc.enable()
