"""Laws of server-side apply that hold whatever is applied, and what a conflict says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poorwill.errors import ConflictError, InvalidRequestError
from poorwill.local.api.merge.apply import ApplyConflictError, Conflict, apply
from poorwill.local.api.merge.combine import combine
from poorwill.local.api.merge.ownership import record_update
from poorwill.local.api.merge.schema import SET
from tests.local.api.merge.strategies import config, configs

THEN, NOW = "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"


def applied(live, wanted, manager="one", *, force=True, now=NOW):
    return apply(live, wanted, manager=manager, force=force, now=now)


def managers(obj):
    return [(entry["manager"], entry["operation"]) for entry in obj["metadata"].get("managedFields", [])]


def entry_of(obj, manager):
    return next((e["fieldsV1"] for e in obj["metadata"].get("managedFields", []) if e["manager"] == manager), None)


@st.composite
def histories(draw):
    """Draw an object that several managers wrote."""
    live = record_update(None, draw(configs()), manager="creator", now=THEN)
    for wanted, manager in draw(st.lists(st.tuples(configs(), st.sampled_from(("one", "two"))), max_size=3)):
        live = applied(live, wanted, manager, now=THEN)
    return live


@settings(max_examples=50)
@given(histories(), configs())
def test_applying_again_changes_nothing(live, wanted):
    once = applied(live, wanted, now=THEN)

    assert applied(once, wanted, force=False) == once


@settings(max_examples=50)
@given(histories(), configs())
def test_a_forced_apply_always_wins(live, wanted):
    after = applied(live, wanted)

    assert wanted.get("data", {}).items() <= after.get("data", {}).items()
    assert wanted["metadata"].get("labels", {}).items() <= after["metadata"].get("labels", {}).items()
    assert set(wanted["metadata"].get("finalizers", [])) <= set(after["metadata"].get("finalizers", []))


@given(configs(("a", "b")), configs(("c", "d")))
def test_managers_of_disjoint_fields_never_conflict_and_one_that_leaves_takes_only_its_own(first, second):
    both = applied(applied(None, first, "one", force=False), second, "two", force=False)
    left = applied(both, config({}), "one", force=False)

    assert left.get("data", {}) == second.get("data", {})
    assert left["metadata"].get("labels", {}) == second["metadata"].get("labels", {})
    assert left["metadata"].get("finalizers", []) == second["metadata"].get("finalizers", [])
    assert ("one", "Apply") not in managers(left)


@settings(max_examples=50)
@given(histories(), configs())
def test_without_force_an_apply_conflicts_exactly_where_force_takes_from_others(live, wanted):
    others = {name: entry_of(live, name) for name in ("creator", "two")}
    try:
        after = applied(live, wanted, force=False)
    except ApplyConflictError as error:
        forced = applied(live, wanted)
        assert {conflict.manager for conflict in error.conflicts} == {
            name for name, fields in others.items() if fields != entry_of(forced, name)
        }
    else:
        assert after == applied(live, wanted)


@given(st.lists(st.sampled_from("abcde"), unique=True), st.lists(st.sampled_from("abcde"), unique=True))
def test_a_merged_set_has_each_item_once_and_the_applied_ones_in_their_order(live, wanted):
    merged = combine(live, wanted, SET) if live or wanted else []

    assert sorted(merged) == sorted({*live, *wanted})
    assert [item for item in merged if item in wanted] == wanted


def test_a_conflict_names_the_manager_and_the_field_and_what_to_do():
    live = record_update(None, config({"a": "1"}), manager="kubectl-edit", now=THEN)

    with pytest.raises(ApplyConflictError) as caught:
        applied(live, config({"a": "2"}), force=False)

    assert isinstance(caught.value, ConflictError)
    assert caught.value.conflicts == (Conflict("kubectl-edit", ".data.a", 'conflict with "kubectl-edit" using v1'),)
    assert caught.value.message == 'Apply failed with 1 conflict: conflict with "kubectl-edit" using v1: .data.a'
    assert "force" in str(caught.value)


def test_conflicts_with_several_managers_are_told_by_manager():
    live = applied(applied(None, config({"a": "1"}), "one"), config({"b": "1", "c": "1"}), "two")

    with pytest.raises(ApplyConflictError) as caught:
        applied(live, config({"a": "2", "b": "2", "c": "2"}), "three", force=False)

    assert caught.value.message == (
        'Apply failed with 3 conflicts: conflicts with "one":\n- .data.a\nconflicts with "two":\n- .data.b\n- .data.c'
    )


def test_a_configuration_can_not_say_who_owns_what():
    wanted = config({"a": "1"})
    wanted["metadata"]["managedFields"] = []

    with pytest.raises(InvalidRequestError, match="managedFields"):
        applied(None, wanted)


def test_an_object_that_nobody_owned_belongs_to_all_before_the_first_apply():
    after = applied(config({"a": "1", "b": "1"}), config({"b": "1", "c": "1"}), force=False)

    assert managers(after) == [("one", "Apply"), ("before-first-apply", "Update")]
    assert after["data"] == {"a": "1", "b": "1", "c": "1"}


def test_an_apply_leaves_what_it_is_given_as_it_was():
    live, wanted = applied(None, config({"a": "1"}), now=THEN), config({"a": "2"}, {"x": "1"})
    after = applied(live, wanted)
    after["metadata"]["labels"]["x"] = "changed"

    assert (live, wanted) == (applied(None, config({"a": "1"}), now=THEN), config({"a": "2"}, {"x": "1"}))
