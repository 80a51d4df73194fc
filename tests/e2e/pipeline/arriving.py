"""What tests of pipelines by events are made of: manifests, events of data that arrived, and what they led to."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.events.hearing import INGRESS, Heard, Listener, applied, listening, obj
from tests.e2e.faults.twin import PATIENCE_SECONDS, Twin, await_that


def kustomized(twin: Twin, pipeline: str, image: str, *resources: str, components: Sequence[str] = ()) -> Path:
    """Write the folder that puts a pipeline of one's own onto a cluster, as docs/pipelines.md has it; return it."""
    own = twin.folder / "own"
    own.mkdir(exist_ok=True)
    name = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "poorwill-pipeline"}}
    name["metadata"] |= {"annotations": {"config.kubernetes.io/local-config": "true"}}
    (own / "pipeline.yaml").write_text(yaml.safe_dump({**name, "data": {"pipeline": pipeline}}))
    folders = [f"../knative/{each}" for each in ("pipeline/broker", "pipeline/steps", *resources)]
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": "default",
        "resources": ["pipeline.yaml", *folders],
        # the one that gives the pipeline's name last, over all of it
        "components": [f"../knative/pipeline/components/{each}" for each in (*components, "name")],
        "images": [{"name": "ghcr.io/poorwill/train", "newName": image}],
    }
    (own / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    return own


@contextmanager
def hearing_all(twin: Twin) -> Iterator[Listener]:
    """Yield a listener to all that the Broker gets."""
    with listening() as listener:
        subscriber = {"uri": listener.url}
        applied(twin, obj("eventing.knative.dev/v1", "Trigger", "all", broker="default", subscriber=subscriber))
        yield listener


def arrived(
    twin: Twin,
    event_id: str,
    data: Any,
    pipeline: str = "flowers",
    *,
    type_: str = "dev.poorwill.data.arrived",
    **extensions: str,
) -> None:
    """Send an event, of data that arrived, as curl does."""
    attributes = {"id": event_id, "source": "/shop", "type": type_, "specversion": "1.0"}
    headers = {f"ce-{name}": value for name, value in {**attributes, "pipeline": pipeline, **extensions}.items()}
    reply = twin.http.request(
        "POST",
        f"{twin.gateway}/default/default",
        body=json.dumps(data).encode(),
        headers={"Host": INGRESS, "Content-Type": "application/json", **headers},
    )
    assert reply.status == 202


def of_run(
    listener: Listener, event_id: str, type_: str, *, count: int = 1, seconds: float = PATIENCE_SECONDS
) -> list[Heard]:
    """Return the events of a type that an event led to, once there are so many."""

    def found() -> list[Heard]:
        return [each for each in listener.heard if each["type"] == type_ and each.get("correlationid") == event_id]

    await_that(lambda: len(found()) >= count, seconds)
    return found()
