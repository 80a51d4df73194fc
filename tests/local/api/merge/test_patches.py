"""JSON merge patches and JSON patches as their RFCs have them, and faults that say where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.errors import InvalidRequestError
from poorwill.kinds.kind import POD
from poorwill.local.api.merge.patches import PatchFailedError, json_patch, merge_patch, strategic_merge

JSON = st.recursive(
    st.one_of(st.booleans(), st.integers(0, 2), st.sampled_from(("x", "y"))),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)),
    max_leaves=8,
)

# RFC 7396, appendix A
MERGES = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]

# RFC 6902, appendix A
PATCHES = [
    ({"foo": "bar"}, {"op": "add", "path": "/baz", "value": "qux"}, {"foo": "bar", "baz": "qux"}),
    ({"foo": ["bar", "baz"]}, {"op": "add", "path": "/foo/1", "value": "qux"}, {"foo": ["bar", "qux", "baz"]}),
    ({"baz": "qux", "foo": "bar"}, {"op": "remove", "path": "/baz"}, {"foo": "bar"}),
    ({"foo": ["bar", "qux", "baz"]}, {"op": "remove", "path": "/foo/1"}, {"foo": ["bar", "baz"]}),
    ({"baz": "qux"}, {"op": "replace", "path": "/baz", "value": "boo"}, {"baz": "boo"}),
    (
        {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
        {"op": "move", "from": "/foo/waldo", "path": "/qux/thud"},
        {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
    ),
    ({"foo": ["all", "grass", "cows", "eat"]}, {"op": "move", "from": "/foo/1", "path": "/foo/3"}, None),
    ({"foo": "bar"}, {"op": "add", "path": "/child", "value": {"a": {}}}, {"foo": "bar", "child": {"a": {}}}),
    ({"foo": ["bar"]}, {"op": "add", "path": "/foo/-", "value": ["abc"]}, {"foo": ["bar", ["abc"]]}),
    ({"/": 9, "~1": 10}, {"op": "test", "path": "/~01", "value": 10}, {"/": 9, "~1": 10}),
    ({"a": {"b": 1}}, {"op": "copy", "from": "/a", "path": "/c"}, {"a": {"b": 1}, "c": {"b": 1}}),
    ({"a": 1}, {"op": "replace", "path": "", "value": {"b": 2}}, {"b": 2}),
]

MISFITS = [
    {"op": "test", "path": "/baz", "value": "bar"},
    {"op": "test", "path": "/n", "value": True},
    {"op": "test", "path": "/foo", "value": "other"},
    {"op": "add", "path": "/no/bat", "value": "qux"},
    {"op": "add", "path": "/list/9", "value": 1},
    {"op": "add", "path": "/list/01", "value": 1},
    {"op": "remove", "path": "/none"},
    {"op": "remove", "path": "/list/-"},
    {"op": "replace", "path": "/none", "value": 1},
    {"op": "move", "from": "/none", "path": "/a"},
    {"op": "move", "from": "/in", "path": "/in/a"},
    {"op": "copy", "from": "/none", "path": "/a"},
    {"op": "remove", "path": ""},
    {"op": "replace", "path": "", "value": 1},
    {"op": "frob", "path": "/foo"},
    {"op": "add", "path": "foo", "value": 1},
    {"op": "add", "path": "/foo"},
    {"op": "move", "path": "/foo"},
    7,
]


@pytest.mark.parametrize(("obj", "patch", "wanted"), MERGES)
def test_a_merge_patch_does_what_its_rfc_shows(obj, patch, wanted):
    assert merge_patch(obj, patch) == wanted


@pytest.mark.parametrize(("obj", "operation", "wanted"), PATCHES)
def test_a_json_patch_does_what_its_rfc_shows(obj, operation, wanted):
    wanted = wanted or {"foo": ["all", "cows", "eat", "grass"]}

    assert json_patch(obj, [operation]) == wanted


@pytest.mark.parametrize("operation", MISFITS, ids=str)
def test_an_operation_that_does_not_fit_is_refused_by_its_place_and_changes_nothing(operation):
    obj = {"foo": "bar", "n": 1, "list": [1], "in": {"a": 1}}

    with pytest.raises(PatchFailedError) as caught:
        json_patch(obj, [{"op": "add", "path": "/foo", "value": "new"}, operation])

    assert obj == {"foo": "bar", "n": 1, "list": [1], "in": {"a": 1}}
    assert all(fault.where.startswith("[1]") for fault in caught.value.faults if fault.where != "the patch")


def test_every_faulty_operation_is_told_at_once():
    with pytest.raises(PatchFailedError) as caught:
        json_patch({}, [{"op": "add"}, {"op": "frob"}])

    assert [fault.where for fault in caught.value.faults] == ["[0].path", "[0].value", "[1].op"]


def test_a_json_patch_is_a_list():
    with pytest.raises(InvalidRequestError) as caught:
        json_patch({}, {"op": "add"})

    assert not isinstance(caught.value, PatchFailedError)


@given(st.dictionaries(st.sampled_from("abc"), JSON), st.dictionaries(st.sampled_from("abc"), JSON))
def test_a_merge_patch_twice_is_one(obj, patch):
    once = merge_patch(obj, patch)

    assert merge_patch(once, patch) == once


@given(st.dictionaries(st.sampled_from("abc"), JSON), JSON)
def test_what_a_json_patch_adds_it_can_test_and_remove(obj, value):
    operations = [
        {"op": "add", "path": "/new", "value": value},
        {"op": "test", "path": "/new", "value": value},
        {"op": "remove", "path": "/new"},
    ]

    assert json_patch(obj, operations) == obj


def test_a_strategic_patch_finds_a_container_and_its_variable_by_name():
    pod = {"spec": {"containers": [{"name": "a", "env": [{"name": "X", "value": "1"}]}, {"name": "b"}]}}
    patch = {"spec": {"containers": [{"name": "a", "env": [{"name": "Y", "value": "2"}]}]}}

    merged = strategic_merge(POD, pod, patch)

    first, second = merged["spec"]["containers"]
    assert {one["name"]: one["value"] for one in first["env"]} == {"X": "1", "Y": "2"}
    assert second == {"name": "b"}


@pytest.mark.parametrize(
    "patch",
    [
        {"spec": {"containers": [{"image": "x"}]}},
        {"spec": {"containers": ["x"]}},
        {"spec": {"containers": [{"name": "a", "$patch": "frob"}]}},
        {"spec": {"$patch": "frob"}},
        {"metadata": {"$setElementOrder/finalizers": "x"}},
        {"spec": {"$retainKeys": ["b"], "c": 1}},
    ],
    ids=str,
)
def test_a_strategic_patch_that_means_nothing_is_refused(patch):
    with pytest.raises(InvalidRequestError):
        strategic_merge(POD, {"metadata": {}, "spec": {"containers": [{"name": "a"}]}}, patch)
