"""The client: arrays in, arrays out, over one pool of connections."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import quote

import msgspec

from poorwill.client.infer_message import Options, decode_answer, encode_request
from poorwill.client.refusal import refusal
from poorwill.client.tensor import ModelMetadata, Prediction, ServerMetadata, Tensor, as_tensor, fitted
from poorwill.client.transport import Reply, Transport
from poorwill.errors import Fault, InvalidRequestError, PoorwillError, UnavailableError
from poorwill.events.codec import decode, detect, encode_binary, encode_structured
from poorwill.registry.tensor_codec import TensorError
from poorwill.telemetry import trace_id

if TYPE_CHECKING:
    from poorwill.events.sdk import CloudEvent

_Metadata = TypeVar("_Metadata", ModelMetadata, ServerMetadata)


class Client:
    """Asks one server of the Open Inference Protocol; may be used by several threads.

    Args:
        url: the server's, or a model route's; of a broker, for `send`.
        timeout_seconds: time to connect, and time that a server may be silent.
        wait_seconds: the most time spent waiting after 429 and 503, as Retry-After says, and for a connection.
        connections: kept alive at once.
        host: Host header, where the URL has an ingress's address.
        token: API key or JWT to show; on the way it is as safe as the URL's scheme makes it.

    Raises:
        UsageError: the URL or the token can't be used.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_seconds: float = 60.0,
        wait_seconds: float = 30.0,
        connections: int = 16,
        host: str = "",
        token: str = "",
    ) -> None:
        self._transport = Transport(
            url,
            timeout_seconds=timeout_seconds,
            wait_seconds=wait_seconds,
            connections=connections,
            host=host,
            token=token,
        )
        self._described: dict[str, ModelMetadata] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def predict(  # noqa: PLR0913 - the protocol's own parts, all but two by keyword and optional
        self,
        model: str,
        inputs: Mapping[str, Any],
        *,
        version: str | int | None = None,
        outputs: Sequence[str] | None = None,
        parameters: Mapping[str, Any] | None = None,
        request_id: str | None = None,
        binary: bool = True,
        traceparent: str | None = None,
    ) -> Prediction:
        """Return what the model answers.

        Args:
            model: its name.
            inputs: by name, arrays (sent as the type that they have), Tensors, or lists and numbers (sent as the model
                takes them, which costs one request for its metadata).
            version: one that must answer; None takes the one that is served.
            outputs: names of those wanted; None is all.
            parameters: of the request, as the protocol has them.
            request_id: comes back with the answer, and stands in the server's log.
            binary: send tensors as bytes; False is JSON.
            traceparent: W3C trace context.

        Raises:
            PoorwillError: of the class that says why; with the server's request id where it refused.
        """
        path = _model_path(model, version)
        options = Options(outputs, parameters, request_id, binary)
        headers, body = encode_request(self._tensors(path, inputs), options)
        headers |= _request_headers(request_id, traceparent)
        return decode_answer(self._ask("POST", f"{path}/infer", headers, body))

    def send(self, event: "CloudEvent", *, structured: bool = False) -> "CloudEvent | None":
        """Send an event to the client's URL and return the reply event, None where there is none.

        Raises:
            PoorwillError: the event is wrong, or was refused.
        """
        from poorwill.events.sdk import from_sdk, to_sdk

        own = from_sdk(event)
        headers, body = encode_structured(own) if structured else encode_binary(own)
        reply = self._ask("POST", "", headers, body)
        if detect(reply.headers) is None:
            return None
        _, replies = decode(reply.headers, reply.body)
        return to_sdk(replies[0]) if replies else None

    def metadata(self, model: str, *, version: str | int | None = None) -> ModelMetadata:
        """Return what the model takes and gives."""
        return self._metadata(_model_path(model, version), ModelMetadata)

    def server(self) -> ServerMetadata:
        """Return the server's name, version and extensions of the protocol."""
        return self._metadata("/v2", ServerMetadata)

    def ready(self, model: str = "", *, version: str | int | None = None) -> bool:
        """Return whether the server, or one model of it, takes requests now."""
        path = f"{_model_path(model, version)}/ready" if model else "/v2/health/ready"
        try:
            return self._transport.send("GET", path, again=False).status == 200
        except UnavailableError:
            return False

    def get(self, path: str) -> bytes:
        """Return a document of the server, such as /openapi.json or /cold-start."""
        return self._ask("GET", path).body

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _tensors(self, path: str, inputs: Mapping[str, Any]) -> dict[str, Tensor]:
        tensors: dict[str, Tensor] = {}
        faults: list[Fault] = []
        for name, value in inputs.items():
            try:
                found = as_tensor(value) or self._fitted(path, name, value)
            except TensorError as error:
                found = error.at(f"input '{name}'")
            if isinstance(found, Fault):
                faults.append(found)
            else:
                tensors[name] = found
        if faults:
            raise InvalidRequestError(*faults)
        return tensors

    def _fitted(self, path: str, name: str, value: Any) -> Tensor | Fault:
        if path not in self._described:
            self._described[path] = self._metadata(path, ModelMetadata)
        known = {metadata.name: metadata for metadata in self._described[path].inputs}
        if name not in known:
            return Fault("inputs", f"inputs of the model: {', '.join(known)}", "another name", "name an input")
        return fitted(value, known[name], f"input '{name}'")

    def _metadata(self, path: str, kind: type[_Metadata]) -> _Metadata:
        reply = self._ask("GET", path)
        try:
            return msgspec.json.decode(reply.body, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            fault = Fault("the server's answer", "metadata as the protocol has it", "something else", "check the URL")
            raise PoorwillError(fault) from None

    def _ask(self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Reply:
        reply = self._transport.send(method, path, headers=headers, body=body)
        if reply.status // 100 != 2:
            raise refusal(reply, f"{method} {path or '/'}")
        return reply


def _model_path(model: str, version: str | int | None) -> str:
    path = f"/v2/models/{quote(model, safe='')}"
    return path if version is None else f"{path}/versions/{quote(str(version), safe='')}"


def _request_headers(request_id: str | None, traceparent: str | None) -> dict[str, str]:
    headers = {}
    if request_id and request_id.isascii() and request_id.isprintable():
        headers["x-request-id"] = request_id
    if traceparent is not None:
        if not trace_id(traceparent):
            fault = Fault("traceparent", "a W3C trace context", "another text", "leave it out or send 00-<id>-<id>-01")
            raise InvalidRequestError(fault)
        headers["traceparent"] = traceparent
    return headers
