"""The endpoint under functions-framework, which hands over Flask's requests; Flask itself is not imported for that."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from poorwill.delivery.cluster import Cluster
from poorwill.delivery.deploy import DeployOptions
from poorwill.delivery.function.endpoint import BODY_LIMIT_BYTES, Endpoint, Told
from poorwill.delivery.function.registered import Ground
from poorwill.delivery.function.trust import Trust
from poorwill.delivery.kubeconfig import choose
from poorwill.errors import Fault, UnavailableError, UsageError
from poorwill.registry.registry import Registry
from poorwill.serving.auth.gate import Gate, open_gate
from poorwill.serving.message import Answer, Request
from poorwill.settings import SETTINGS, read
from poorwill.store.opening import open_store
from poorwill.telemetry import Log

Carried = tuple[bytes, int, list[tuple[str, str]]]
"""Body, status and headers, as Flask takes them for an answer."""


class Answers(Protocol):
    """What answers a function's requests."""

    def refusal(self, method: str, path: str, headers: Mapping[str, str]) -> Answer | None:
        """Return the answer to one who is not let in, before the body is read; None for everybody else."""

    def answer(self, request: Request) -> Answer:
        """Answer one who was let in; never raises."""


def open_function(environment: Mapping[str, str], told: Told | None = None) -> Callable[[Any], Carried]:
    """Return what answers Flask's requests.

    Args:
        environment: with the function's settings.
        told: see Told.

    Raises:
        UsageError: nothing says who may call, or everybody of an issuer may: no door of this function is open to all.
    """
    settings = read(environment)
    log = Log(ratio=settings.log_ratio, function="deploy", revision=settings.revision)
    gate = open_gate(settings, log)
    if gate is None and not settings.trusted_keys:
        advice = "set POORWILL_API_KEYS, or POORWILL_JWT_ISSUER, POORWILL_JWT_AUDIENCE and POORWILL_JWKS"
        raise UsageError(Fault("authentication", "who may deploy", "nobody", advice))
    if settings.jwt_issuer and not settings.jwt_subjects.strip(", "):
        advice = "set POORWILL_JWT_SUBJECTS to their subjects, such as system:serviceaccount:ci:release"
        raise UsageError(Fault("--jwt-subjects", "who may deploy", "every subject of the issuer", advice))
    usual = next(setting.row.default for setting in SETTINGS if setting.name == "image")

    @contextmanager
    def connect() -> Iterator[Ground]:
        try:
            cluster = Cluster.connect(choose(settings.kubeconfig, "", settings.twin), namespace=settings.namespace)
            registry = Registry(open_store(settings.store))
        except UsageError as error:  # of this function's settings, which no caller can help
            raise UnavailableError(*error.faults) from error
        with cluster:
            yield Ground(cluster, registry)

    image = "" if settings.image == usual else settings.image
    components = tuple(name for word in settings.deploy_with.split(",") if (name := word.strip()))
    if settings.trusted_keys:
        from poorwill.registry.signing import read_trusted_keys

        read_trusted_keys(Path(settings.trusted_keys))  # a wrong one is told at the start, not at the first event
    gate = gate or Gate((), "the signature of a trusted key on the version of an event")
    trust = Trust(settings.trusted_keys)
    options = DeployOptions(image=image, usual_components=components)
    endpoint = Endpoint(gate, connect, trust=trust, options=options, log=log, told=told)
    return lambda request: carry(endpoint, request)


def carry(endpoint: Answers, request: Any, body_limit_bytes: int = BODY_LIMIT_BYTES) -> Carried:
    """Hand Flask's request to an endpoint, its body only once it is let in."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    refused = endpoint.refusal(request.method, request.path, headers)
    if refused is not None:
        return _carried(refused)
    body = request.stream.read(body_limit_bytes + 1)  # one byte over the limit is as good as all of them
    return _carried(endpoint.answer(Request(request.method, request.path, headers, body)))


def _carried(answer: Answer) -> Carried:
    typed = [("content-type", answer.content_type)] if answer.content_type else []
    return answer.body, answer.status, [*typed, *answer.headers]
