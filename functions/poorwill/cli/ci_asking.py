"""The requests of `poorwill ci`: golden ones, or the version's sample beside what its model answers here."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from poorwill.cli.infer_request import InferRequest, read_infer_request
from poorwill.client import Client, Prediction
from poorwill.errors import Fault, NotFoundError, PoorwillError, RefusedError
from poorwill.pipeline.golden import FOLDER, Answer, Golden, departures, read_golden, unlike
from poorwill.registry.keys import blob_key
from poorwill.registry.records import VersionRecord
from poorwill.registry.tensor_codec import bf16_to_fp32
from poorwill.store.port import ObjectStore

_SAMPLE = "sample request"

Asked = tuple[dict[str, Any], list[Fault]]
"""What a report says of a request, and what was wrong with the answer."""


class GoldenAsked(NamedTuple):
    """A golden request, read."""

    golden: Golden
    request: InferRequest


def golden_requests(folder: Path) -> list[GoldenAsked]:
    """Return the golden requests beside a spec; raise RefusedError with every fault of them."""
    faults: list[Fault] = []
    found = [
        GoldenAsked(golden, request)
        for golden in read_golden(folder)
        if (request := read_infer_request(golden.request, f"{FOLDER}/{golden.name}, request", faults))
    ]
    if faults:
        raise RefusedError(*faults)
    return found


class Asking:
    """Asks a deployed version.

    Args:
        store: that has it.
        record: of the version.
        url: of its own, by its tag.
    """

    def __init__(self, store: ObjectStore, record: VersionRecord, url: str) -> None:
        self._store, self._record, self._url = store, record, url

    def client(self, ingress: str, token: str) -> Client:
        """Return a client of the version, by its own URL, or by an ingress's and its host."""
        return Client(ingress or self._url, host=urlsplit(self._url).netloc if ingress else "", token=token)

    def ask(self, client: Client, golden: list[GoldenAsked]) -> Iterator[Asked]:
        """Yield how each golden request went; without any, how the sample request did.

        Raises:
            PoorwillError: the version does not answer at all.
        """
        if not golden:
            yield self._asked(client, _SAMPLE, self._sample(), None)
        for each in golden:
            yield self._asked(client, f"{FOLDER}/{each.golden.name}", each.request, each.golden)

    def _asked(self, client: Client, name: str, request: InferRequest, golden: Golden | None) -> Asked:
        try:
            found = client.predict(
                self._record.model,
                request.inputs,
                outputs=request.outputs,
                parameters=request.parameters,
                request_id=request.id,
            )
        except PoorwillError as error:
            if error.status >= 500:
                raise
            faults = [fault._replace(where=f"{name}: {fault.where}") for fault in error.faults]
        else:
            answer = Answer(found.outputs, found.datatypes)
            faults = self._other_version(found, name)
            faults += departures(golden, answer) if golden else unlike(answer, self._here(request), name)
        said = "; ".join(f"{fault.where.removeprefix(name).lstrip(',: ')}: {fault.found}" for fault in faults)
        return {"name": name, "state": "failed" if faults else "passed", "said": said}, faults

    def _other_version(self, found: Prediction, name: str) -> list[Fault]:
        digest = self._record.blob.digest
        if found.version == str(self._record.version) and found.digest in {"", digest}:
            return []
        advice = "look where --url leads; `poorwill status` shows what is deployed"
        return [Fault(name, f"an answer of {self._record.name}", "one of another version", advice)]

    def _sample(self) -> InferRequest:
        faults: list[Fault] = []
        sample = self._record.sample_request
        content = self._store.get(blob_key(sample.digest)).data if sample else b""
        request = read_infer_request(content, _SAMPLE, faults)
        if request is None or faults:
            advice = f"write golden requests: {FOLDER}/*.json beside the spec"
            raise NotFoundError(Fault(_SAMPLE, "one that the version was registered with", "none", advice))
        return request

    def _here(self, request: InferRequest) -> Answer:
        """Return what the model answers in this process."""
        from poorwill.registry.onnx_session import open_session

        content = self._store.get(blob_key(self._record.blob.digest)).data
        session = open_session(content, signature=self._record.signature)
        datatypes = {spec.name: spec.datatype for spec in session.signature.outputs}
        found = session.run({name: tensor.array for name, tensor in request.inputs.items()}, request.outputs)
        outputs = {name: bf16_to_fp32(array) if datatypes[name] == "BF16" else array for name, array in found.items()}
        return Answer(outputs, datatypes)
