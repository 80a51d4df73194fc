"""What Poorwill has of an object is found again in its managedFields, whatever others wrote beside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.delivery.owned import abandoned, owned
from poorwill.local.api.merge.apply import apply

NOW = "2026-11-28T09:00:00Z"
NAMES = st.sampled_from(["a", "b", "c", "example.com/d"])
TEXTS = st.dictionaries(NAMES, st.sampled_from(["1", "2"]), min_size=1)


@st.composite
def routes(draw):
    """Return what somebody may apply: labels, annotations and traffic, each of them or not."""
    metadata = {"name": "digits", "namespace": "models"}
    metadata |= {part: draw(TEXTS) for part in ("labels", "annotations") if draw(st.booleans())}
    route = {"apiVersion": "serving.knative.dev/v1", "kind": "Route", "metadata": metadata}
    if draw(st.booleans()):
        target = st.fixed_dictionaries({"tag": NAMES, "percent": st.integers(0, 100)})
        route["spec"] = {"traffic": draw(st.lists(target, min_size=1, max_size=3))}
    return route


def applied(live, config, manager):
    return apply(live, config, manager=manager, force=True, now=NOW)


@given(routes(), routes())
def test_what_was_applied_is_what_is_owned(mine, theirs):
    theirs["metadata"]["labels"] = {"theirs": "1"}
    theirs.pop("spec", None)
    theirs["metadata"].pop("annotations", None)
    live = applied(applied(None, mine, "poorwill"), theirs, "jane")

    assert owned(live) == mine
    assert owned(live, ["jane"]) == theirs


@given(routes(), routes())
def test_applying_what_is_owned_changes_nothing(mine, theirs):
    live = applied(applied(None, mine, "poorwill"), theirs, "jane")

    again = applied(live, owned(live), "poorwill")

    assert again == live


@given(routes(), routes())
def test_what_two_managers_own_is_what_both_applied(mine, theirs):
    live = applied(applied(None, mine, "poorwill"), theirs, "poorwill-0123456789ab")

    both = owned(live, ["poorwill", *abandoned(live)])

    handed = applied(
        applied(live, both, "poorwill"), owned(both | {"metadata": {"name": "digits"}}), "poorwill-0123456789ab"
    )
    assert {name: part for name, part in handed.items() if name != "metadata"} == {
        name: part for name, part in live.items() if name != "metadata"
    }
    assert handed["metadata"].get("labels") == live["metadata"].get("labels")
    assert abandoned(handed) == ()


def entry(fields, **more):
    return {"manager": "poorwill", "operation": "Apply", "fieldsV1": fields, **more}


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ({"f:spec": {"f:list": {'k:{"name":"A"}': {".": {}, "f:value": {}}}}}, {"list": [{"name": "A", "value": 1}]}),
        ({"f:spec": {"f:list": {}}}, {"list": [{"name": "A", "value": 1, "other": 2}, {"name": "B"}]}),
        ({"f:spec": {"f:set": {'v:"x"': {}}}}, {"set": ["x"]}),
        ({"f:spec": {"f:set": {"i:1": {}}}}, {"set": ["y"]}),
        ({"f:spec": {"f:gone": {}, "f:number": {}}}, {"number": 3}),
    ],
    ids=["item", "whole", "value", "place", "gone"],
)
def test_items_of_lists_are_found_by_key_value_and_place(fields, part):
    live = {
        "apiVersion": "v1",
        "kind": "Thing",
        "metadata": {"name": "it", "managedFields": [entry(fields)]},
        "spec": {"list": [{"name": "A", "value": 1, "other": 2}, {"name": "B"}], "set": ["x", "y"], "number": 3},
    }

    assert owned(live)["spec"] == part


def test_what_was_written_otherwise_or_to_a_status_is_not_owned():
    fields = {"f:spec": {}}
    live = {
        "apiVersion": "v1",
        "kind": "Thing",
        "metadata": {
            "name": "it",
            "managedFields": [entry(fields, operation="Update"), entry(fields, subresource="status")],
        },
        "spec": 1,
    }

    assert owned(live) == {"apiVersion": "v1", "kind": "Thing", "metadata": {"name": "it"}}


@pytest.mark.parametrize(
    "name", ["poorwill", "poorwill-", "poorwill-0123456789abc", "poorwill-friend", "jane-0123456789ab"]
)
def test_only_a_manager_of_a_moment_is_one(name):
    assert abandoned({"metadata": {"managedFields": [entry({}, manager=name)]}}) == ()
    assert abandoned({"metadata": {"managedFields": [entry({}, manager="poorwill-0123456789ab")]}})
