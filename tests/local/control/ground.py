"""A state, a control and pods that a test sets: the twin without its processes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from poorwill.kinds.kind import (
    CONFIGURATION,
    EVENT,
    INGRESS,
    PLACEHOLDER,
    REVISION,
    ROUTE,
    SERVICE,
    Key,
    key_of,
)
from poorwill.local.control.control import Control
from poorwill.local.revision import Endpoint, Failure, RevisionKey, RevisionState
from poorwill.local.state import State

NAMESPACE = "birds"


class Ground:
    """One state and, on it, one control at a time."""

    def __init__(self, folder: Path, namespace: str = NAMESPACE, port: int = 8090) -> None:
        self.folder = folder
        self.namespace = namespace
        self.port = port
        self.time = datetime(2026, 11, 22, 12, tzinfo=UTC)
        self.pods: dict[RevisionKey, RevisionState] = {}
        self.state = State(folder / "state.sqlite", now=lambda: self.time)
        self.control = self._control()

    def _control(self) -> Control:
        return Control(self.state, self.pods.get, domain="poorwill.localhost", port=self.port, clock=lambda: self.time)

    def restart(self) -> None:
        """Begin again on the same file, as after kill -9."""
        self.state.close()
        self.state = State(self.folder / "state.sqlite", now=lambda: self.time)
        self.control = self._control()

    def settle(self) -> None:
        self.time += timedelta(seconds=1)
        self.control.settle()
        assert self.control.failed == set(), "a step that fails is tried again, but none should"

    def get(self, kind, name):
        return self.state.get(Key(kind, self.namespace, name))

    def list(self, kind):
        return self.state.list(kind, self.namespace)

    def apply(self, obj):
        """Create an object, or change its spec and its labels, as a user does."""
        live = self.state.get(key_of(obj))
        if live is None:
            self.state.create(obj)
        else:
            metadata = {**live["metadata"], "labels": obj["metadata"].get("labels", {})}
            self.state.update({**live, "metadata": metadata, "spec": obj["spec"]})

    def delete(self, kind, name):
        self.state.delete(Key(kind, self.namespace, name))

    def scale(self, revision, desired, ready=None, failure=None):
        """Say how the pods of a revision are; as many ready as desired where nothing else is said."""
        key = RevisionKey(self.namespace, revision)
        endpoints = tuple(Endpoint("127.0.0.1", 40000 + n) for n in range(desired if ready is None else ready))
        self.pods[key] = RevisionState(desired, endpoints, max(0, desired - len(endpoints)), failure)
        self.control.pods_changed(key)

    def deploy(self, name, **more):
        """Apply a Service and let its newest revision get ready; return the revision's name."""
        self.apply(service(name, **more))
        self.settle()
        created = self.get(CONFIGURATION, name)["status"]["latestCreatedRevisionName"]
        self.scale(created, 1)
        self.settle()
        return created

    def snapshot(self):
        """Return all objects but Events, without versions, which count writes."""
        kinds = (SERVICE, CONFIGURATION, REVISION, ROUTE, INGRESS, PLACEHOLDER)
        return {key_of(obj): without_version(obj) for kind in kinds for obj in self.state.list(kind)}

    def told(self):
        """Return what Events say, without their times and counts."""
        return {
            (
                event["involvedObject"]["kind"],
                event["involvedObject"]["name"],
                event["type"],
                event["reason"],
                event["message"],
                event["source"]["component"],
            )
            for event in self.list(EVENT)
        }


def without_version(obj):
    return {**obj, "metadata": {key: value for key, value in obj["metadata"].items() if key != "resourceVersion"}}


def service(name, *, model="1", traffic=None, namespace=NAMESPACE, annotations=None, template=None):
    container = {
        "name": "user-container",
        "image": "ghcr.io/poorwill/serve@sha256:" + "0" * 64,
        "env": [{"name": "MODEL", "value": model}],
    }
    metadata = {"annotations": annotations or {}} | (template or {})
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "template": {"metadata": metadata, "spec": {"containerConcurrency": 0, "containers": [container]}},
            "traffic": traffic or [{"latestRevision": True, "percent": 100}],
        },
    }


def route(name, *traffic, namespace=NAMESPACE, labels=None):
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Route",
        "metadata": {"name": name, "namespace": namespace, "labels": labels or {}},
        "spec": {"traffic": list(traffic)},
    }


def to_latest(configuration, percent=100, tag=""):
    entry = {"configurationName": configuration, "latestRevision": True, "percent": percent}
    return entry | ({"tag": tag} if tag else {})


def to_revision(revision, percent=100, tag=""):
    entry = {"revisionName": revision, "latestRevision": False, "percent": percent}
    return entry | ({"tag": tag} if tag else {})


def conditions(obj):
    """Return an object's conditions as {type: (status, reason)}."""
    return {entry["type"]: (entry["status"], entry.get("reason", "")) for entry in obj["status"]["conditions"]}


CRASH = Failure("ExitCode1", "Container failed with: no model")
"""What the pods of a version say that ends at once."""
