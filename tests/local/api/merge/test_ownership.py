"""Sets of fields, and what ordinary writes do to their owners."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poorwill.kinds.kind import CONFIG_MAP
from poorwill.local.api.merge.compare import compare, fields_of, same
from poorwill.local.api.merge.fields import field_step, from_json, key_step, text, to_json, value_step, without
from poorwill.local.api.merge.ownership import MOST_UPDATERS, read, record_update
from poorwill.local.api.merge.schema import PLAIN, UNTYPED, shape_of
from tests.local.api.merge.strategies import config, configs

STEPS = st.one_of(
    st.sampled_from(("a", "b", "c.d/e")).map(field_step),
    st.sampled_from(({"name": "x"}, {"port": 80, "protocol": "TCP"}, {"name": '<&>"'})).map(key_step),
    st.sampled_from(("x", 1, True, 1.5, "ü")).map(value_step),
)
FIELDS = st.frozensets(st.lists(STEPS, min_size=1, max_size=4).map(tuple), max_size=12)
JSON = st.recursive(
    st.one_of(st.booleans(), st.integers(0, 2), st.sampled_from(("x", "y"))),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from("abc"), JSON, max_size=3)


@given(FIELDS)
def test_a_set_of_fields_survives_its_json(fields):
    assert from_json(to_json(fields)) == fields


@given(FIELDS, FIELDS, FIELDS)
def test_sets_of_fields_obey_the_laws_of_sets(one, two, three):
    assert one | (two & three) == (one | two) & (one | three)
    assert one - (two | three) == (one - two) & (one - three)
    assert (one - two) | (one & two) == one
    assert without(one | two, frozenset("a")) == without(one, frozenset("a")) | without(two, frozenset("a"))


@given(OBJECTS, OBJECTS)
def test_a_comparison_finds_nothing_only_between_equals_and_turns_round(old, new):
    there, back = compare(old, new, UNTYPED), compare(new, old, UNTYPED)

    assert (not any(there)) == same(old, new)
    assert (there.added, there.removed, there.modified) == (back.removed, back.added, back.modified)


@given(OBJECTS)
def test_what_an_object_adds_to_nothing_holds_the_fields_that_it_sets(obj):
    assert fields_of(obj, UNTYPED) <= compare({}, obj, UNTYPED).added


def test_an_object_under_a_free_key_is_owned_beside_what_it_holds_one_that_the_kind_declares_is_not():
    assert fields_of({"a": {"b": 1}}, UNTYPED) == {("f:a",), ("f:a", "f:b")}
    assert fields_of({"a": {"b": 1}}, PLAIN) == {("f:a", "f:b")}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (("f:data", "f:a.b/c"), ".data.a.b/c"),
        (("f:secrets", 'k:{"name":"s"}', "f:kind"), '.secrets[name="s"].kind'),
        (("f:metadata", "f:finalizers", 'v:"x"'), '.metadata.finalizers[="x"]'),
        (("f:ports", 'k:{"port":80,"protocol":"TCP"}'), '.ports[port=80,protocol="TCP"]'),
    ],
)
def test_a_path_is_told_as_the_api_server_tells_it(path, words):
    assert text(path) == words


@pytest.mark.parametrize("tree", ["f:a", {"f:a": 1}, {"x": {}}, {"k:1": {}}, {"v:{": {}}])
def test_what_is_no_set_of_fields_is_refused(tree):
    with pytest.raises((ValueError, TypeError)):
        from_json(tree)


def annotated(obj):
    """Return an object with a field that stays: one whose last owner left is not tracked any more."""
    return {**obj, "metadata": {**obj["metadata"], "annotations": {"stays": "1"}}}


@settings(max_examples=50)
@given(*[configs().map(annotated)] * 3)
def test_each_field_has_one_updater_and_none_that_is_gone_has_any(first, second, third):
    live = record_update(None, first, manager="m0", now="2026-01-01T00:00:00Z")
    for number, new in enumerate((second, third), 1):
        live = record_update(live, new, manager=f"m{number}", now=f"2026-01-01T00:00:0{number}Z")

    holdings = list(read(live["metadata"].get("managedFields")).values())
    held = [path for holding in holdings for path in holding.fields]
    shape = shape_of(CONFIG_MAP)
    assert len(held) == len(set(held))
    assert fields_of({name: third[name] for name in third if name == "data"}, shape) <= set(held)
    assert set(held) <= compare({}, third, shape).added


def test_an_update_that_changes_nothing_leaves_owners_and_times():
    live = record_update(None, config({"a": "1"}), manager="one", now="2026-01-01T00:00:00Z")

    assert record_update(live, config({"a": "1"}), manager="two", now="2026-01-01T00:00:01Z") == live


def test_the_updaters_of_one_object_stay_few():
    live = record_update(None, config({"k": "1"}), manager="m", now="2026-01-01T00:00:00Z")
    for number in range(20):
        data = {**live["data"], f"k{number}": "1"}
        live = record_update(live, {**live, "data": data}, manager=f"m{number}", now=f"2026-01-01T00:00:{number:02}Z")

    entries = live["metadata"]["managedFields"]
    assert len(entries) == MOST_UPDATERS
    assert entries[0]["manager"] == "ancient-changes"


def test_what_a_client_broke_of_managed_fields_is_taken_from_the_live_object():
    live = record_update(None, config({"a": "1"}), manager="one", now="2026-01-01T00:00:00Z")
    broken = {**live, "metadata": {**live["metadata"], "managedFields": [{"manager": "x", "operation": "Other"}]}}

    assert record_update(live, broken, manager="two", now="2026-01-01T00:00:01Z") == live
