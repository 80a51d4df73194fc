"""Names that can't live beside each other are refused before anything is written."""

from hypothesis import given
from hypothesis import strategies as st

from poorwill.kinds.kind import CONFIGURATION, ROUTE, SERVICE, kind_of
from poorwill.kinds.names import collisions, host, rivals

SERVING = "serving.knative.dev/v1"


def named(kind, name, *tags, **labels):
    traffic = [{"tag": tag} for tag in tags]
    labels = {f"serving.knative.dev/{label}": value for label, value in labels.items()}
    return {
        "apiVersion": SERVING,
        "kind": kind,
        "metadata": {"name": name, "labels": labels},
        "spec": {"traffic": traffic},
    }


def where(faults):
    return [fault.where for fault in faults]


def test_a_route_cannot_be_called_like_a_service_nor_a_service_like_a_route():
    assert where(collisions(ROUTE, "iris", (), [named("Service", "iris")])) == ["metadata.name"]
    assert where(collisions(SERVICE, "iris", (), [named("Route", "iris")])) == ["metadata.name"]


def test_version_services_live_beside_their_models_route():
    taken = [named("Service", "iris-v1"), named("Service", "iris-v2"), named("Route", "iris", "v1", "v2")]

    assert collisions(ROUTE, "iris", ("v1", "v2"), taken) == ()
    assert collisions(SERVICE, "iris-v3", (), taken) == ()


def test_a_tag_needs_the_name_of_its_placeholder():
    assert where(collisions(ROUTE, "iris", ("v2", "v3"), [named("Service", "v3-iris")])) == ["spec.traffic[1].tag"]
    assert where(collisions(SERVICE, "v3-iris", (), [named("Route", "iris", "v3")])) == ["metadata.name"]
    assert where(collisions(ROUTE, "b", ("a",), [named("Route", "a-b")])) == ["spec.traffic[0].tag"]


def test_a_route_cannot_be_called_like_a_revision_that_is_there_or_will_be():
    revision = named("Revision", "iris-v3-00001", configuration="iris-v3")

    assert where(collisions(ROUTE, "iris-v3-00001", (), [revision])) == ["metadata.name"]
    assert where(collisions(ROUTE, "iris-v3-00002", (), [named("Service", "iris-v3")])) == ["metadata.name"]
    assert where(collisions(SERVICE, "iris-v3", (), [named("Route", "iris-v3-00002")])) == ["metadata.name"]
    assert where(collisions(ROUTE, "iris-v3-00001-private", (), [revision])) == ["metadata.name"]


def test_what_an_object_has_made_itself_does_it_no_harm():
    taken = [
        named("Service", "iris-v1"),
        named("Route", "iris-v1", service="iris-v1"),
        named("Configuration", "iris-v1", service="iris-v1"),
        named("Revision", "iris-v1-00001", service="iris-v1", configuration="iris-v1"),
    ]

    assert collisions(SERVICE, "iris-v1", (), taken) == ()
    assert collisions(CONFIGURATION, "other", (), taken) == ()


def test_a_host_has_labels_of_at_most_63_characters():
    assert where(collisions(ROUTE, "r" * 64, (), [])) == ["metadata.name"]
    assert where(collisions(ROUTE, "r" * 60, ("v1", "v10"), [])) == ["spec.traffic[1].tag"]
    assert collisions(ROUTE, "r" * 60, ("v1",), []) == ()


def test_hosts_follow_knatives_templates():
    assert host("iris", "default", "poorwill.localhost") == "iris.default.poorwill.localhost"
    assert host("iris", "default", "poorwill.localhost", "v3") == "v3-iris.default.poorwill.localhost"


LABELS = st.lists(st.sampled_from(["a", "b", "v1", "v2", "00001"]), min_size=1, max_size=3).map("-".join)
LABELS = LABELS.filter(lambda name: name[0].isalpha())
"""Names that often get in each other's way."""


@given(LABELS, st.lists(LABELS, max_size=2, unique=True), st.sampled_from([SERVICE, ROUTE]), st.data())
def test_no_rival_is_left_out(name, tags, kind, data):
    tags = tags if kind == ROUTE else []
    others = st.tuples(st.sampled_from(["Service", "Route"]), LABELS, st.lists(LABELS, max_size=2, unique=True))
    taken = [named(other, called, *own) for other, called, own in data.draw(st.lists(others, max_size=6))]
    looked_up = set(rivals(kind, name, tags))
    found = [obj for obj in taken if (kind_of(obj), obj["metadata"]["name"]) in looked_up]

    assert collisions(kind, name, tags, found) == collisions(kind, name, tags, taken)


def test_a_name_has_few_rivals_however_many_objects_there_are():
    assert rivals(ROUTE, "iris", ["v1"]) == ((SERVICE, "iris"), (SERVICE, "v1-iris"), (ROUTE, "v1-iris"))
    assert (ROUTE, "iris-v3-00002") in rivals(SERVICE, "iris-v3", generation=2)
