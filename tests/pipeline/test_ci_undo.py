"""What is taken back of a version: only what has come since, and nobody else's traffic."""

import pytest

from poorwill.delivery.traffic import parse_split
from poorwill.pipeline.ci_undo import Seen, Undo, undo_of


def seen(split, *deployed):
    return Seen(parse_split(split.split()) if split else None, frozenset(deployed), 0)


@pytest.mark.parametrize(
    ("before", "now", "undo"),
    [
        (seen("v1=100", 1), seen("v1=100 v2=0", 1, 2), Undo(tag=True, service=True)),
        (seen("v1=100", 1), seen("v1=100", 1, 2), Undo(service=True)),  # stopped before it had its tag
        (seen("v1=100", 1), seen("v1=100", 1), Undo()),
        (seen("v1=100", 1, 2), seen("v1=100 v2=0", 1, 2), Undo(tag=True)),  # somebody had deployed it
        (seen("v1=100 v2=0", 1, 2), seen("v1=100 v2=0", 1, 2), Undo()),
        (seen(""), seen("v2=100", 2), Undo(service=True, route=True)),  # a model's first version
        (seen("", 2), seen("v2=100", 2), Undo(route=True)),
        (seen(""), seen("v2=100 v3=0", 2, 3), Undo(tag=True, service=True)),  # another one has come since
    ],
)
def test_what_was_there_before_stays(before, now, undo):
    assert undo_of(before, now, 2) == undo
