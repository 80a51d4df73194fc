"""Filters say of an event what Knative's say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.local.eventing.broker_event import TTL
from poorwill.local.eventing.event_filter import (
    All,
    Any,
    Attributes,
    Exact,
    Not,
    Prefix,
    Suffix,
    Verdict,
    attribute,
    judge,
    passes,
)
from tests.local.eventing.grounds import event

PASS, FAIL, NONE = Verdict
NAMES = ("type", "source", "subject", "color")
VALUES = ("asked", "as", "ked", "/tests", "red", "x")

leaves = st.builds(
    lambda kind, values: kind(values),
    st.sampled_from([Exact, Prefix, Suffix]),
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES), min_size=1, max_size=2),
)
filters = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda some: All(tuple(some)), st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda some: Any(tuple(some)), st.lists(inner, min_size=1, max_size=3)),
        st.builds(Not, inner),
    ),
    max_leaves=6,
)
events = st.builds(
    lambda type_, subject, color: event(
        type_=type_, subject=subject, extensions={} if color is None else {"color": color}
    ),
    st.sampled_from(VALUES),
    st.sampled_from([None, "red", "asked"]),
    st.sampled_from([None, "red", "x"]),
)


def meant(wanted, one):
    """Say by definition what a filter without holes in it means."""
    match wanted:
        case All(some):
            return all(meant(inner, one) for inner in some)
        case Any(some):
            return any(meant(inner, one) for inner in some)
        case Not(inner):
            return not meant(inner, one)
        case Exact(values):
            return all(attribute(one, name) == value for name, value in values.items())
        case Prefix(values):
            return all((attribute(one, name) or "").startswith(value) for name, value in values.items())
        case Suffix(values):
            return all((attribute(one, name) or "").endswith(value) for name, value in values.items())


@given(filters, events)
def test_a_filter_passes_what_it_means(wanted, one):
    assert passes(wanted, one) == meant(wanted, one)


@given(filters, events)
def test_a_filter_and_its_opposite_never_agree(wanted, one):
    assert passes(wanted, one) != passes(Not(wanted), one)


@given(st.lists(filters, min_size=1, max_size=3), events)
def test_none_of_them_is_what_not_any_of_them_is(some, one):
    assert passes(All(tuple(Not(inner) for inner in some)), one) == passes(Not(Any(tuple(some))), one)


@pytest.mark.parametrize(
    ("wanted", "verdict"),
    [
        (All(), NONE),
        (All((All(),)), NONE),
        (Any((All(), Exact({"type": "other"}))), FAIL),  # what can't be read is skipped, not passed
        (Any((Exact({"type": "other"}), Not(None))), NONE),  # the last verdict counts
        (Not(None), NONE),
        (Not(All()), NONE),
        (Not(Exact({"type": ""})), NONE),
        (All((Exact({"type": ""}), Exact({"type": "asked"}))), PASS),
        (Prefix({"color": "r"}), FAIL),
        (Not(Prefix({"color": "r"})), PASS),
        (Exact({"Type": "asked"}), FAIL),
        (Exact({"type": "ASKED"}), FAIL),
    ],
)
def test_what_says_nothing_is_no_objection(wanted, verdict):
    assert judge(wanted)(event()) is verdict


@pytest.mark.parametrize(
    ("values", "does"),
    [
        ({}, True),
        ({"type": "asked"}, True),
        ({"type": "asked", "source": "/other"}, False),
        ({"type": ""}, True),
        ({"subject": ""}, False),
        ({"color": ""}, False),
        ({"specversion": "1.0"}, True),
    ],
)
def test_the_older_filter_takes_an_empty_value_for_any(values, does):
    assert passes(Attributes(values), event()) is does


@pytest.mark.parametrize(
    ("time", "seen"),
    [
        (None, "0001-01-01T00:00:00Z"),
        ("2026-01-31T09:30:00.120000Z", "2026-01-31T09:30:00.12Z"),
        ("2026-01-31T09:30:00+02:00", "2026-01-31T07:30:00Z"),
        ("2026-01-31t09:30:00.000z", "2026-01-31T09:30:00Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:60Z"),
    ],
)
def test_a_time_is_compared_as_go_writes_it(time, seen):
    assert attribute(event(time=time), "time") == seen


def test_an_extension_is_compared_as_the_wire_has_it():
    one = event(extensions={"count": 3, "open": True, TTL: 254}, datacontenttype="Text/Plain; charset=utf-8")

    assert passes(Exact({"count": "3", "open": "true", "datamediatype": "text/plain"}), one)
    assert not passes(Exact({TTL: "254"}), one)
