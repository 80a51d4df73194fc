"""What a real API server answered to sequences of writes is what ours makes of them.

vectors.json holds facts recorded from Kubernetes and Knative Serving of the versions it names: of each write its body,
the object before it where something else wrote in between, and the object or the conflicts it gave. Names are `it`,
times are counted in seconds, and uid, resourceVersion, generation and creationTimestamp are left out. Functions and
Routes are handed in with all their defaults, so that Knative's admission adds no more than its two annotations.
"""

import json
from copy import deepcopy
from pathlib import Path

import pytest

from poorwill.errors import InvalidRequestError
from poorwill.kinds.kind import kind_of
from poorwill.local.api.merge.apply import ApplyConflictError, apply
from poorwill.local.api.merge.ownership import record_update
from poorwill.local.api.merge.patches import json_patch, merge_patch, strategic_merge

RECORDED = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"))
ADDED = ("serving.knative.dev/creator", "serving.knative.dev/lastModifier", "kubernetes.io/metadata.name")


def steps():
    for vector in RECORDED["vectors"]:
        before = None
        for number, step in enumerate(vector["steps"]):
            before = step.get("live", before)
            yield pytest.param(before, step, id=f"{vector['name']}, {number}: {step['op']} by {step['manager']}")
            before = step.get("result", before)


def written(live, step):
    body, subresource = deepcopy(step["body"]), step.get("subresource", "")
    match step["op"]:
        case "apply":
            return apply(live, body, manager=step["manager"], force=step["force"], now=step["now"])
        case "create" | "update":
            new = body
        case "merge":
            new = merge_patch(live, body)
        case "json":
            new = json_patch(live, body)
        case "strategic":
            new = strategic_merge(kind_of(live), live, body)
    return record_update(live, new, manager=step["manager"], now=step["now"], subresource=subresource)


def comparable(obj):
    """Return an object without what admission and the server's own defaults added to it."""
    bare = deepcopy(obj)
    metadata = bare["metadata"]
    metadata.pop("creationTimestamp", None)
    for name in ("labels", "annotations"):
        kept = {key: value for key, value in (metadata.pop(name, None) or {}).items() if key not in ADDED}
        metadata |= {name: kept} if kept else {}
    if bare["kind"] == "Namespace":
        return {"metadata": metadata}
    if not bare.get("rules", ["some"]):
        del bare["rules"]  # null where the server's type has no list
    bare.pop("status", None)  # whose writes the API keeps apart
    template = bare.get("spec", {}).get("template", {})
    kept = {name: value for name, value in (template.pop("metadata", None) or {}).items() if value}
    template |= {"metadata": kept} if kept else {}
    return bare


@pytest.mark.parametrize(("live", "step"), list(steps()))
def test_a_write_has_the_result_that_the_real_server_gave(live, step):
    untouched = deepcopy(live)
    if "conflicts" in step:
        with pytest.raises(ApplyConflictError) as caught:
            written(live, step)
        assert sorted([one.message, one.field] for one in caught.value.conflicts) == step["conflicts"]
        if len({one.manager for one in caught.value.conflicts}) == 1:  # the server's order of managers is chance
            assert caught.value.message == step["message"]
    elif "refused" in step:
        with pytest.raises(InvalidRequestError):
            written(live, step)
    else:
        assert comparable(written(live, step)) == comparable(step["result"])

    assert live == untouched
