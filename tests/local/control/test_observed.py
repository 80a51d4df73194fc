"""The twin writes what Knative Serving 1.23.0 wrote on Kubernetes 1.35.4 for the same wishes in the same order.

`observed/` has what `kubectl get -o json` told after each wish, without uids, times and managed fields; each file has
what changed since the one before. Differences that stay are listed in `agreed`, each with its reason.
"""

import copy
import json
from pathlib import Path

import pytest

from poorwill.kinds.kind import CONFIGURATION, PLACEHOLDER, REVISION, ROUTE, SERVICE
from poorwill.local.control.labels import ROUTE_LABEL, ROUTING_STATE_MODIFIED
from poorwill.local.revision import Endpoint, Failure, RevisionKey, RevisionState
from tests.local.control.ground import Ground

OBSERVED = sorted((Path(__file__).parent / "observed").glob("*.json"))
NAMESPACE = "poorwill-ctl"
KINDS = {kind.kind: kind for kind in (SERVICE, CONFIGURATION, REVISION, ROUTE)}
UIDS = {"serving.knative.dev/serviceUID", "serving.knative.dev/configurationUID"}
NEVER = "Initial scale was never achieved"
LATE = Failure("ProgressDeadlineExceeded", "ReplicaSet has timed out progressing.", "ResourcesAvailable")

# Their Configurations are marked and unmarked by Knative without end: the Service adds its own Route's name, the
# labeler takes it off again, as that Route does not lead there. In the twin it stays.
UNSTEADY = {"model", "stranger"}


def read(path):
    return json.loads(path.read_text())


def wishes(document):
    """Return what was asked for: Services, and the Routes that no Service made."""
    return [each for each in document["changed"] if not each["metadata"].get("ownerReferences")]


def wish(obj):
    """Return an object as a user sends it."""
    metadata = {name: value for name, value in obj["metadata"].items() if name not in {"finalizers", "generation"}}
    return {
        "apiVersion": obj["apiVersion"],
        "kind": obj["kind"],
        "metadata": metadata,
        "spec": obj["spec"],
    }


def pods(revision, *, was_ready):
    """Return how the pods were, one state after another, by what the revision told of them."""
    told = revision["status"]
    failures = [
        Failure(entry["reason"], entry["message"], entry["type"])
        for entry in told["conditions"]
        if entry["type"] in {"ContainerHealthy", "ResourcesAvailable"} and entry["status"] == "False"
    ]
    failures = [LATE if failure.message == NEVER else failure for failure in failures]
    ready = told.get("actualReplicas", 0)
    endpoints = (Endpoint("127.0.0.1", 1),) * ready
    if told.get("desiredReplicas", 1):
        return [RevisionState(max(1, ready), endpoints, 0, failures[0] if failures else None)]
    before = RevisionState(1, failure=failures[0]) if failures else RevisionState(1, (Endpoint("127.0.0.1", 1),))
    asleep = RevisionState(0, endpoints)
    return [asleep] if was_ready else [before, asleep]


def trimmed(obj):
    """Return an object without what differs on every run."""
    metadata = {
        name: value
        for name, value in obj["metadata"].items()
        if name not in {"uid", "resourceVersion", "creationTimestamp"}
    }
    for field, skipped in (("labels", UIDS), ("annotations", {ROUTING_STATE_MODIFIED})):
        kept = {name: text for name, text in metadata.pop(field, {}).items() if name not in skipped}
        metadata |= {field: kept} if kept else {}
    if "ownerReferences" in metadata:
        metadata["ownerReferences"] = [
            {name: value for name, value in each.items() if name != "uid"} for each in metadata["ownerReferences"]
        ]
    status = dict(obj["status"])
    status["conditions"] = [
        {name: text for name, text in entry.items() if name != "lastTransitionTime"} for entry in status["conditions"]
    ]
    return {**obj, "metadata": metadata, "status": status}


def agreed(ours, theirs):
    """Return both objects without the differences that stay."""
    ours, theirs = copy.deepcopy(ours), copy.deepcopy(theirs)
    for obj in (ours, theirs):
        if theirs["kind"] == "Configuration" and theirs["metadata"]["name"] in UNSTEADY:
            obj["metadata"].get("annotations", {}).pop("serving.knative.dev/routes", None)
    if theirs["kind"] == "Revision":
        agree_on_pods(ours["status"], theirs["status"])
    return ours, theirs


def agree_on_pods(ours, theirs):
    """Take off what Knative says of a revision that has no ready pod only by the order of its steps."""
    if "desiredReplicas" not in theirs:  # Knative's autoscaler has not decided yet, the twin's has
        ours.pop("desiredReplicas", None)
    both = {entry["type"]: entry for entry in theirs["conditions"]}
    unhealthy, unavailable = both["ContainerHealthy"], both["ResourcesAvailable"]
    if unhealthy["status"] == "Unknown" and "reason" not in unhealthy:  # the first Deployment was there before that
        unhealthy["reason"] = "Deploying"
    if unhealthy["status"] == unavailable["status"] == "False":  # the twin's pods name one failure, the first
        theirs["conditions"].remove(unavailable)
        ours["conditions"] = [entry for entry in ours["conditions"] if entry["type"] != "ResourcesAvailable"]


def differences(place, mine, its):
    """Return where two values differ, one line each."""
    if isinstance(mine, dict) and isinstance(its, dict):
        names = sorted(mine.keys() | its.keys())
        return [line for name in names for line in differences(f"{place}.{name}", mine.get(name), its.get(name))]
    if isinstance(mine, list) and isinstance(its, list) and len(mine) == len(its):
        return [
            line for n, pair in enumerate(zip(mine, its, strict=True)) for line in differences(f"{place}[{n}]", *pair)
        ]
    return [] if mine == its else [f"{place}: ours {mine!r}, Knative's {its!r}"]


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    return Ground(tmp_path_factory.mktemp("observed"), NAMESPACE, 80)


@pytest.fixture(scope="module")
def known():
    return {}


@pytest.fixture(scope="module")
def said():
    return set()


@pytest.mark.parametrize("path", OBSERVED, ids=lambda path: path.stem)
def test_after_each_wish_every_object_is_as_knative_wrote_it(ground, known, said, path):
    document = read(path)
    replay(ground, document, known)

    ours = {
        f"{obj['kind']}/{key.name}": trimmed(obj)
        for key, obj in ground.snapshot().items()
        if obj["kind"] in KINDS and obj["apiVersion"].startswith("serving")
    }

    assert ours.keys() == known.keys()
    assert [line for key, theirs in known.items() for line in differences(key, *agreed(ours[key], theirs))] == []
    held = {
        obj["metadata"]["name"]: obj["metadata"]["labels"][ROUTE_LABEL]
        for obj in ground.list(PLACEHOLDER)
        if "ownerReferences" in obj["metadata"]
    }
    assert held == document["placeholders"]
    said |= {tuple(event) for event in document["new_events"]}
    assert {event for event in said if not is_of_a_race(event)} == ground.told()


def is_of_a_race(event):
    """Return whether Knative's labeler tells of an object that went while it looked; here nothing goes meanwhile."""
    return event[4].startswith(("failed to add route annotation", "failed to remove route annotation"))


def replay(ground, document, known):
    for name in document["foreign_services"]:
        if ground.get(PLACEHOLDER, name) is None:
            ground.state.create(
                {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": NAMESPACE}, "spec": {}}
            )
    for obj in sorted(wishes(document), key=lambda each: (each["kind"], each["metadata"]["name"])):
        ground.apply(wish(obj))
    for gone in document["gone"]:
        kind, _, name = gone.partition("/")
        if kind in {"Service", "Route"} and ground.get(KINDS[kind], name):
            owners = ground.get(KINDS[kind], name)["metadata"].get("ownerReferences")
            if not owners:
                ground.delete(KINDS[kind], name)
        known.pop(gone)
    ground.settle()
    known.update({f"{obj['kind']}/{obj['metadata']['name']}": obj for obj in document["changed"]})
    for obj in document["changed"]:
        if obj["kind"] == "Revision":
            let_run(ground, obj)
    ground.settle()


def let_run(ground, observed):
    """Give a revision the pods that the observed one had, and before them those that lead there."""
    key = RevisionKey(NAMESPACE, observed["metadata"]["name"])
    was_ready = bool(ground.get(REVISION, key.name)["status"].get("actualReplicas"))
    for state in pods(observed, was_ready=was_ready):
        ground.pods[key] = state
        ground.control.pods_changed(key)
        ground.settle()
