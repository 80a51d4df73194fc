"""docs/twin-api.md, made from the tables that the API itself is made from."""

from poorwill.local.access import USER
from poorwill.local.api.api import BODY_LIMIT_BYTES
from poorwill.local.api.discovery import VERSION, paths
from poorwill.local.api.resources import RESOURCES, REVIEWS, Resource
from poorwill.local.api.watch import BOOKMARK_SECONDS
from poorwill.local.state import KEPT_CHANGES

_HEAD = f"""# What the twin's Kubernetes API has

`poorwill up` serves a part of the Kubernetes API on 127.0.0.1, over TLS, for whoever has the token in its kubeconfig.
This page lists exactly what is there; it is made from the tables that the server is made from, and a test compares
them. What is not on it, the API answers with 404, 405 or 415, as Kubernetes does. It says to be
version {VERSION["gitVersion"]}, so that clients ask for what there is.

Unmodified kubectl (the tests run 1.37) and lightkube work:
`get` (tables, `-o wide|json|yaml|name|jsonpath|custom-columns`, `-l`, `--field-selector`, `-A`, `-w`), `apply` on the
client's side, on the server's (`--server-side`, `--force-conflicts`) and of a folder (`-k`), `create`, `replace`,
`patch`, `label`, `annotate`, `diff`, `delete` (`--wait`, `--cascade`), `wait` (`--for=condition=Ready`,
`--for=delete`), `logs` (of a pod or a Job, `-f`, `--tail`, `-c`, `-p`, `-l`), `describe`, `events`, `explain` (fields
and types), `api-resources`, `api-versions`, `auth can-i`, `auth whoami`, `version`, `config`.
"""

_WRITES = """\
## Parameters

| of | query parameters |
|---|---|
| every write | `fieldManager`, `fieldValidation` (Strict, Warn, Ignore), `dryRun=All` |
| apply | also `force` |
| delete | `propagationPolicy` (Background, Foreground, Orphan), `gracePeriodSeconds`, `dryRun=All`, `preconditions` |
| all that read | for Tables `includeObject` (None, Metadata, Object) |
| list | `labelSelector`, `fieldSelector`, `limit`, `continue`, `resourceVersion`, `resourceVersionMatch` |
| watch | both selectors, `resourceVersion`, `sendInitialEvents`, `allowWatchBookmarks`, `timeoutSeconds` |
| log | `container`, `follow`, `previous`, `tailLines`, `limitBytes` |

Answers are JSON: whole objects, Tables (`as=Table;v=v1`) or metadata alone (`as=PartialObjectMetadata;v=v1`).
Bodies are JSON, YAML (one document, no aliases) or, for what `kubectl create` and `kubectl auth` send, Kubernetes'
protobuf.
"""


def page() -> str:
    """Return the whole page."""
    parts = [_HEAD, _kinds(), _questions(), _WRITES, _guard(), _limits(), _absent()]
    return "\n".join(parts)


def _kinds() -> str:
    head = "| kind | group and version | short | verbs | subresources | patches | fields to select by |\n"
    return f"## Kinds\n\n{head}|---|---|---|---|---|---|---|\n" + "".join(map(_row, RESOURCES))


def _row(found: Resource) -> str:
    kind = found.kind
    patches = [patch.removeprefix("application/").partition("-patch")[0] for patch in found.patches]
    parts = [f"`{each.name}` ({', '.join(each.verbs)})" for each in found.subresources]
    scope = "" if kind.namespaced else " (cluster)"
    columns = (
        f"{kind.kind}{scope}",
        f"`{kind.api_version}`",
        ", ".join(kind.short_names),
        ", ".join(found.verbs),
        ", ".join(parts),
        ", ".join(patches),
        ", ".join(f"`{field}`" for field in found.fields),
    )
    return "| " + " | ".join(columns) + " |\n"


def _questions() -> str:
    kinds = ", ".join(f"`{found.kind}` (`{found.api_version}`)" for found in REVIEWS)
    return f"""\
Questions about the caller, which are created and not kept: {kinds}. Whoever has the token may do everything that is
served; Roles and RoleBindings are kept, and checked by nobody.

Documents: {", ".join(f"`{path}`" for path in paths()["paths"])}, each group's OpenAPI 3 under `/openapi/v3/`, and
an empty OpenAPI 2. Discovery is there in the aggregated form (v2) and in the old one.

Requests to the Services `broker-ingress` and `job-sink` pass through it: any method and body to
`/api/v1/namespaces/knative-eventing/services/[http:]NAME[:80]/proxy/...` gets the Service's own answer
([eventing](eventing.md)).
"""


def _guard() -> str:
    return f"""\
## Who gets in

Every path but `/livez` wants the token (`Authorization: Bearer`); who has it is the user `{USER}`. The Host header
has to be 127.0.0.1, localhost or [::1] with the API's own port, and a request with an Origin header is refused, so
no web page gets in by any name. A body may have {BODY_LIMIT_BYTES // 1024 // 1024} MiB. No answer and no log line
repeats what was sent, but for the names of objects and fields.
"""


def _limits() -> str:
    return f"""\
## What differs from Kubernetes

- The last {KEPT_CHANGES} changes are kept for watches, over restarts too; from further back the answer is 410, and
  clients list again. A watch that asked for bookmarks gets one every {BOOKMARK_SECONDS} seconds in which nothing
  happened.
- The later pages of a list are of now, not of when the first was read; its version is the first page's, so a watch
  from it tells what changed meanwhile.
- Objects are checked as Knative's webhooks and Kubernetes check them, in words of our own, with the same field
  paths; values are not repeated. A field twice in one JSON object is not found out: the last one counts.
- CESQL in a Trigger's filters is refused: the twin runs exact, prefix, suffix, all, any and not.
- There is no Service of the core group to get: `kubectl get services` means Knative's.
- `kubectl delete --cascade=foreground` and `orphan` set their finalizers; the twin's control then does what they say.
- Logs have no times of their own: `--timestamps`, `--since` and `--since-time` are refused.
"""


def _absent() -> str:
    return """\
## Not there

Deployments, CronJobs, Ingresses, PodDisruptionBudgets and every other kind not in the table; `exec`, `attach`,
`port-forward`, `cp`, `proxy`, `scale`, `rollout`, `top`, `drain`; making Pods, Events and Revisions (the twin makes
them); impersonation; `/metrics`; CBOR; compression; watches under `/watch/`.
"""
