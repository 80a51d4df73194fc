"""A version's lineage as OpenLineage's events, one for each step of its run.

https://openlineage.io/spec/2-0-2/OpenLineage.json
"""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

PRODUCER = "https://github.com/poorwill/poorwill"
_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json"
_STATES = {"completed": "COMPLETE", "failed": "FAIL", "running": "START"}


def open_lineage(run: dict[str, Any], store_url: str, version: str = "") -> list[dict[str, Any]]:
    """Return a run's steps as run events.

    Args:
        run: its document; see run_document.
        store_url: where its artifacts are, the namespace of their names.
        version: that it registered, digits@3; the output of `register`.
    """
    events = []
    artifacts = {gift["name"]: gift for step in run["steps"] for gift in step["gives"]}
    parent = {"run": {"runId": _uuid(run["run"])}, "job": {"namespace": "poorwill", "name": run["pipeline"]}}
    for step in run["steps"]:
        if step["state"] not in _STATES:
            continue
        inputs = [_dataset(store_url, artifacts[name]) for name in step["takes"] if name in artifacts]
        if step["step"] == "ingest":
            inputs = [{"namespace": store_url, "name": run["object"]}]
        outputs = [_dataset(store_url, gift) for gift in step["gives"]]
        if step["step"] == "register" and version:
            outputs.append({"namespace": store_url, "name": f"models/{version}"})
        events.append(
            {
                "eventType": _STATES[step["state"]],
                "eventTime": step["ended"] or step["began"],
                "producer": PRODUCER,
                "schemaURL": f"{_SCHEMA}#/$defs/RunEvent",
                "run": {
                    "runId": _uuid(f"{run['run']}/{step['step']}"),
                    "facets": {"parent": _facet("1-0-1/ParentRunFacet.json#/$defs/ParentRunFacet") | parent},
                },
                "job": {"namespace": "poorwill", "name": f"{run['pipeline']}.{step['step']}"},
                "inputs": inputs,
                "outputs": outputs,
            }
        )
    return events


def _dataset(store_url: str, artifact: dict[str, Any]) -> dict[str, Any]:
    facet = _facet("1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet")
    version = facet | {"datasetVersion": artifact["digest"]}
    name = f"blobs/sha256/{artifact['digest'].removeprefix('sha256:')}"
    return {"namespace": store_url, "name": name, "facets": {"version": version}}


def _facet(schema: str) -> dict[str, str]:
    return {"_producer": PRODUCER, "_schemaURL": f"https://openlineage.io/spec/facets/{schema}"}


def _uuid(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{PRODUCER}/runs/{name}"))
