"""The Kubernetes API of one cluster: the only file that knows lightkube; what it raises is Poorwill's own errors."""

import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2
import msgspec
import yaml
from lightkube import Client, KubeConfig
from lightkube.config.client_adapter import verify_cluster
from lightkube.core.exceptions import ApiError, ConfigError
from lightkube.generic_resource import GenericGlobalResource, GenericNamespacedResource, create_api_info
from lightkube.operators import not_exists
from lightkube.types import PatchType

from poorwill.delivery.api_answer import Answer, Asked, answer_of, error_of
from poorwill.delivery.kubeconfig import Source
from poorwill.delivery.owned import FIELD_MANAGER
from poorwill.delivery.uncollected import uncollected
from poorwill.errors import Fault, NotFoundError, PoorwillError, UnavailableError, UsageError
from poorwill.kinds.kind import Kind, Object, kind_of

BEAT_SECONDS = 1.0
"""How often a waiting caller of `follow` hears something at least."""
_CONNECT_SECONDS, _ANSWER_SECONDS = 5.0, 20.0
_SHORTEST_POLL_SECONDS, _POLL_SECONDS, _POLL_RATIO = 0.02, 0.25, 1 / 8
"""Between two looks: as long as this part of the wait so far, so that none adds much to what it waits for."""
_PAGE = 500  # objects in one answer of a list
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Cluster:
    """One namespace of one cluster. Objects are plain JSON dicts, and belong to the caller.

    Every method raises UnavailableError where the cluster can't be reached, DeniedError where a right is missing.

    Args:
        client: of lightkube.
        namespace: to work in.
        twin: whether this is a twin.
    """

    def __init__(self, client: Client, namespace: str, *, twin: bool = False) -> None:
        self._client: Any = client
        self.namespace = namespace
        self.address = client.config.cluster.server or ""
        self.is_twin = twin

    @classmethod
    def connect(cls, source: Source, *, namespace: str = "") -> "Cluster":
        """Return the cluster that a kubeconfig means; nothing is asked of it yet.

        Args:
            source: see kubeconfig.choose.
            namespace: "" for the context's own.

        Raises:
            UsageError: a file that is no kubeconfig, or that does not have the context.
        """
        advice = "see `kubectl config get-contexts`"
        try:
            if source.file is None:
                config = KubeConfig.from_service_account().get()
            else:
                config = KubeConfig.from_file(source.file).get(source.context or None)
            if config is None or config.user is None:
                raise UsageError(Fault("kubeconfig", "a context with a cluster and a user", "none", advice))
            # as kubectl, no proxy for this machine itself
            remote = urlsplit(config.cluster.server or "").hostname not in _LOOPBACK
            timeout = httpx2.Timeout(_ANSWER_SECONDS, connect=_CONNECT_SECONDS)
            tls = httpx2.HTTPTransport(verify=_trust(config, remote=remote), trust_env=remote)
            client = Client(config, namespace=namespace or None, timeout=timeout, trust_env=remote, transport=tls)
        except ConfigError as error:
            raise UsageError(Fault("kubeconfig", "one that can be used", str(error), advice)) from None
        except (AttributeError, KeyError, TypeError, ValueError, msgspec.MsgspecError, yaml.YAMLError, OSError):
            raise UsageError(Fault("kubeconfig", "clusters, users and contexts", "something else", advice)) from None
        return cls(client, client.namespace, twin=source.twin)

    def __enter__(self) -> Self:
        """Return the cluster; its connections end with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close all connections."""
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def get(self, kind: Kind, name: str, *, namespace: str = "") -> Object | None:
        """Return an object, None where there is none."""
        with self._errors("get", kind, name, namespace):
            try:
                where = self._where(kind, namespace)
                return dict(_twice(lambda: self._client.get(_resource(kind), name, **where)))
            except ApiError as error:
                if error.status.code == 404:
                    return None
                raise

    def list(
        self, kind: Kind, labels: Mapping[str, str | None] | None = None, *, without: Sequence[str] = ()
    ) -> "list[Object]":
        """Return all objects of a kind in the namespace, or those with these labels (None: any value), not others."""
        selector = {**(labels or {}), **{name: not_exists() for name in without}}
        with self._errors("list", kind, ""), uncollected():
            where = {"labels": selector, "chunk_size": _PAGE, **self._where(kind, "")}
            found = _twice(lambda: list(self._client.list(_resource(kind), **where)))
            # a list's items may lack what a single object says of itself
            return [{"apiVersion": kind.api_version, "kind": kind.kind, **item} for item in found]

    def create(self, obj: Object) -> Object:
        """Return what the cluster answers to a new object, such as a review of one's rights."""
        kind = Kind(*_group_version(obj), obj["kind"], f"{obj['kind'].lower()}s", namespaced=False)
        with self._errors("create", kind, ""):
            return dict(self._client.create(_resource(kind)(obj)))

    def apply(self, obj: Object, *, manager: str = FIELD_MANAGER, dry_run: bool = False, force: bool = False) -> Object:
        """Write an object by server-side apply and return it as it then is.

        With `uid` and `resourceVersion` in its metadata it is written only over that state. A field of somebody else is
        taken only by `force`.

        Raises:
            ConflictError: fields that others manage; OvertakenError where the object is not as it was read.
            RefusedError: with the cluster's words by field.
        """
        kind, name = kind_of(obj), obj["metadata"]["name"]
        with self._errors("patch", kind, name):
            return dict(
                self._client.patch(
                    _resource(kind),
                    name,
                    obj,
                    patch_type=PatchType.APPLY,
                    field_manager=manager,
                    force=force,
                    dry_run=dry_run,
                    **self._where(kind, ""),
                )
            )

    def delete(self, kind: Kind, name: str, *, only: Mapping[str, Any] | None = None, dry_run: bool = False) -> bool:
        """Delete an object, and in the background what it owns; return whether there was one.

        With `only`, the one of that `uid` and, where it says one, that `resourceVersion`; else an OvertakenError.
        """
        options: Object = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"}
        options |= {"dryRun": ["All"]} if dry_run else {}
        options["preconditions"] = {
            part: value for part, value in (only or {}).items() if part in {"uid", "resourceVersion"}
        }
        with self._errors("delete", kind, name):
            try:
                client = self._client._client  # noqa: SLF001 - lightkube's own delete takes no preconditions
                asked = client.prepare_request("delete", _resource(kind), name=name, **self._where(kind, ""))
                asked.data = options
                client.handle_response("delete", client.send(client.build_adapter_request(asked)), asked)
            except ApiError as error:
                if error.status.code == 404:
                    return False
                raise
        return True

    def follow(
        self,
        kind: Kind,
        name: str,
        *,
        timeout_seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Iterator[Object | None]:
        """Yield an object now, at each change, and each BEAT_SECONDS, until the time is over; None where there is none.

        It asks rather than watches: an API that is away for a moment costs nothing but that moment.
        """
        began = clock()
        deadline, heard, version = began + timeout_seconds, float("-inf"), ""
        while True:
            try:
                obj = self.get(kind, name)
            except UnavailableError:
                if clock() >= deadline:
                    raise
            else:
                found = obj["metadata"]["resourceVersion"] if obj else "none"
                if found != version or clock() - heard >= BEAT_SECONDS:
                    version, heard = found, clock()
                    yield obj
            if clock() >= deadline:
                return
            sleep(min(_POLL_SECONDS, max(_SHORTEST_POLL_SECONDS, (clock() - began) * _POLL_RATIO)))

    def log(self, pod: str, container: str, *, tail_lines: int | None = None, follow: bool = False) -> Iterator[str]:
        """Yield the lines of a container's log; with `follow`, until it ends.

        Raises:
            NotFoundError: no such pod, or a container that has not started.
        """
        with self._errors("get", _POD_LOG, pod):
            try:
                yield from self._client.log(
                    pod,
                    namespace=self.namespace,
                    container=container,
                    follow=follow,
                    tail_lines=tail_lines,
                    newlines=False,
                )
            except ApiError as error:
                if error.status.code not in {400, 404}:  # 400: it is not running yet
                    raise
                fault = Fault(f"Pod {pod}", "a container that has started", "none yet", "ask again in a moment")
                raise NotFoundError(fault) from None

    def post_to_service(
        self, namespace: str, service: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        """Return status and body of a POST to a Kubernetes Service, through the API server (its service proxy)."""
        with self._errors("create", _SERVICE_PROXY, service, namespace):
            http = self._client._client._client  # noqa: SLF001 - lightkube knows no proxy
            url = f"/api/v1/namespaces/{namespace}/services/http:{service}:80/proxy{path}"
            reply = http.send(http.build_request("POST", url, headers=dict(headers), content=body))
            if reply.headers.get("content-type", "").startswith("application/json") and b'"Status"' in reply.content:
                self._client._client.raise_for_status(reply)  # noqa: SLF001 - of the API server itself
            return int(reply.status_code), bytes(reply.content)

    def _where(self, kind: Kind, namespace: str) -> dict[str, Any]:
        return {"namespace": namespace or self.namespace} if kind.namespaced else {}

    @contextmanager
    def _errors(self, verb: str, kind: Kind, name: str, namespace: str = "") -> Iterator[None]:
        """Turn what lightkube raises into what says what to do."""
        try:
            yield
        except ApiError as error:
            answer = answer_of(error.status)
            raise error_of(answer, Asked(verb, kind, name, namespace or self.namespace)) from None
        except httpx2.HTTPStatusError as error:  # an answer that is no Status
            answer = Answer(error.response.status_code, "")
            raise error_of(answer, Asked(verb, kind, name, namespace or self.namespace)) from None
        except httpx2.HTTPError as error:
            raise self._unreachable(error) from None
        except ConfigError:
            advice = "log in to the cluster again; `kubectl version` shows whether that worked"
            raise UsageError(Fault("kubeconfig", "credentials", "a command for them that failed", advice)) from None

    def _unreachable(self, error: httpx2.HTTPError) -> PoorwillError:
        advice = (
            "start it with `poorwill up`" if self.is_twin else "check that it is up and that this machine reaches it"
        )
        found = "no connection" if isinstance(error, httpx2.ConnectError) else "a connection that broke"
        found = "an answer that took too long" if isinstance(error, httpx2.TimeoutException) else found
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            found, advice = "a certificate of somebody else", "fetch the cluster's kubeconfig anew"
        where = "twin" if self.is_twin else "cluster"
        return UnavailableError(Fault(where, f"an answer from {self.address}", found, advice))


_POD_LOG = Kind("", "v1", "Pod", "pods/log")
_SERVICE_PROXY = Kind("", "v1", "Service", "services/proxy")
_VERBS = ["delete", "get", "global_list", "list", "patch", "post", "put"]


def _trust(config: Any, *, remote: bool) -> ssl.SSLContext:
    """Return whom to take for the cluster: who its own authority vouches for, as kubectl does.

    Python 3.13 asks more of an authority's own certificate (VERIFY_X509_STRICT) than many clusters' have.
    """
    context: ssl.SSLContext = verify_cluster(config.cluster, config.user, config.abs_file, trust_env=remote)
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _twice(read: Callable[[], Any]) -> Any:
    """Return what a read gives; again where the connection broke, as one that lay idle may just have been closed."""
    try:
        return read()
    except (httpx2.NetworkError, httpx2.ProtocolError):
        return read()


@cache
def _resource(kind: Kind) -> Any:
    """Return lightkube's class for a kind, made here so that every object is the dict that the API sent."""
    base = GenericNamespacedResource if kind.namespaced else GenericGlobalResource
    info = create_api_info(kind.group, kind.version, kind.kind, kind.plural, verbs=_VERBS)
    return type(kind.kind, (base,), {"_api_info": info})


def _group_version(obj: Object) -> tuple[str, str]:
    group, _, version = obj["apiVersion"].rpartition("/")
    return group, version
