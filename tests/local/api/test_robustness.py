"""Whatever is sent, the answer is a refusal or a stored object, never a failure of the server's own."""

import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.kinds import admission
from poorwill.kinds.kind import CONFIG_MAP, SERVICE
from poorwill.local.api.body import decoded, decoded_object
from poorwill.local.api.protobuf import decode_protobuf
from poorwill.local.api.resources import APPLY, JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH, resource_at
from poorwill.local.api.selectors import labels_match
from poorwill.local.api.status import StatusError
from poorwill.local.api.tables import shown_list, view
from poorwill.local.api.writes import Options, Target, Writes
from poorwill.local.state import State

SERVICE_OBJECT = {
    "apiVersion": "serving.knative.dev/v1",
    "kind": "Service",
    "metadata": {"name": "a", "labels": {"a": "b"}, "annotations": {"autoscaling.knative.dev/min-scale": "1"}},
    "spec": {
        "template": {
            "metadata": {"annotations": {"autoscaling.knative.dev/window": "6s"}},
            "spec": {"containers": [{"image": "ghcr.io/poorwill/serve:1", "env": [{"name": "A", "value": "b"}]}]},
        },
        "traffic": [{"percent": 100, "latestRevision": True, "tag": "now"}],
    },
}
CONFIG_MAP_OBJECT = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "a", "finalizers": ["a.dev/b"], "ownerReferences": []},
    "data": {"a": "b"},
}
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["name", "$patch", "$retainKeys", "a", ""]), inner, max_size=2)
    ),
    max_leaves=4,
)


def places(value, path=()):
    """Return the paths of all that is in a value, but for what it is."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in items:
        if (*path, step) not in {("apiVersion",), ("kind",)}:
            yield (*path, step)
            yield from places(inner, (*path, step))


def replaced(value, path, junk):
    if not path:
        return junk
    copied = value.copy()
    copied[path[0]] = replaced(value[path[0]], path[1:], junk)
    return copied


@st.composite
def broken(draw):
    """Draw an object with something else in one place."""
    whole = draw(st.sampled_from([SERVICE_OBJECT, CONFIG_MAP_OBJECT]))
    return whole, replaced(whole, draw(st.sampled_from(list(places(whole)))), draw(JUNK))


@contextmanager
def writes():
    with tempfile.TemporaryDirectory() as folder:
        state = State(Path(folder) / "state")
        state.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}})
        yield Writes(state, admission.admit, "somebody"), state
        state.close()


def target(obj, name):
    kind = SERVICE if obj["kind"] == "Service" else CONFIG_MAP
    return Target(resource_at(kind.group, kind.version, kind.plural), "default", name)


@given(broken())
def test_whatever_is_written_is_refused_or_stored_and_shown(pair):
    whole, sent = pair
    with writes() as (made, state):
        about = target(whole, "a")
        steps = [
            lambda: made.create(about._replace(name=""), sent, Options("one")),
            lambda: made.patch(about, APPLY, sent, Options("two", force=True)),
            lambda: made.patch(about, MERGE_PATCH, sent, Options("three")),
            lambda: made.patch(about, STRATEGIC_MERGE_PATCH, sent, Options("four")),
            lambda: made.patch(about, JSON_PATCH, [{"op": "add", "path": "/metadata", "value": sent}], Options("five")),
            lambda: made.update(about, sent, Options("six")),
        ]
        for step in steps:
            try:
                step()
            except StatusError as refused:
                assert refused.code < 500
        objects = state.list(about.resource.kind)
        msgspec.json.encode(shown_list(objects, about.resource.kind, view("", ""), state._now(), {}))


@given(st.binary(max_size=60))
def test_bytes_that_are_no_object_are_refused(body):
    for media_type in ("application/json", "application/yaml", "application/vnd.kubernetes.protobuf"):
        with suppress(StatusError):
            decoded_object(body, media_type)
    with suppress(StatusError):
        decode_protobuf(b"k8s\x00" + body)


@pytest.mark.parametrize("body", [b"\x08\x00", b"\x0a\x07\x08\xff\xff\xff\xff\x0f\x12\x00"])
def test_a_number_where_a_message_or_a_text_belongs_is_refused(body):
    with pytest.raises(StatusError):
        decode_protobuf(b"k8s\x00" + body)


def _nested(number, *content):
    joined = b"".join(content)
    return bytes([number << 3 | 2, len(joined)]) + joined


def _job_in_protobuf(parallelism):
    job = _nested(2, b"\x08", bytes([parallelism]), _nested(6, _nested(2, _nested(3, b"Never"))))
    return b"k8s\x00" + _nested(1, _nested(1, b"batch/v1"), _nested(2, b"Job")) + _nested(2, job)


def test_a_job_in_protobuf_with_more_than_kubectl_sets_is_refused_rather_than_cut():
    assert decode_protobuf(_job_in_protobuf(0))["spec"] == {"template": {"spec": {"restartPolicy": "Never"}}}
    with pytest.raises(StatusError):
        decode_protobuf(_job_in_protobuf(2))


@pytest.mark.parametrize("depth", [10_000, 400_000])
def test_a_deep_body_is_refused(depth):
    for body in (b"[" * depth, b'{"a":' * depth):
        for media_type in ("application/json", "application/yaml"):
            with pytest.raises(StatusError):
                decoded(body, media_type)


def test_yaml_can_neither_grow_nor_call():
    for body in (b"a: &a [x]\nb: *a", b"!!python/object/apply:os.getcwd []", b"a: 1\n---\nb: 2", b"? [a]\n: b"):
        with pytest.raises(StatusError):
            decoded(body, "application/yaml")
    assert decoded(b"a: 2026-01-01\n1: !!binary aGk=", "application/yaml") == {"a": "2026-01-01", "1": "aGk="}


LABELS = st.dictionaries(st.sampled_from("abc"), st.sampled_from(["", "x", "y", "7"]))


@given(LABELS)
def test_label_selectors_mean_what_kubernetes_says(labels):
    obj = {"metadata": {"labels": labels}}
    meanings = {
        "": True,
        "a": "a" in labels,
        "!a": "a" not in labels,
        "a=x": labels.get("a") == "x",
        "a==x": labels.get("a") == "x",
        "a!=x": labels.get("a") != "x",
        "a in (x, y)": labels.get("a") in ("x", "y"),
        "a notin (x,y)": labels.get("a") not in ("x", "y"),
        "a=": labels.get("a") == "",
        "a>3": labels.get("a") == "7",
        "a < 3": False,
        "a=x,!b, c in (y)": labels.get("a") == "x" and "b" not in labels and labels.get("c") == "y",
    }

    assert {selector: labels_match(selector)(obj) for selector in meanings} == meanings


@pytest.mark.parametrize("selector", ["!!", "a==!", "a in x", "a in (", "=x", "a>x", "a b", "-a", ","])
def test_label_selectors_that_mean_nothing_are_refused(selector):
    with pytest.raises(StatusError):
        labels_match(selector)
