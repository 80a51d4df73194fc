"""The step that registers: the judged model becomes a version whose record holds where it came from."""

from typing import Any, ClassVar

import msgspec
import numpy as np

from poorwill.errors import Fault, InvalidModelError, InvalidRequestError
from poorwill.pipeline.artifacts import given, save_artifact
from poorwill.pipeline.data import open_data
from poorwill.pipeline.matrix import read_matrix
from poorwill.pipeline.spec import Register
from poorwill.pipeline.step import Outcome, StepFailedError, Work
from poorwill.registry.push import Claim, Sample
from poorwill.registry.registry import Registry
from poorwill.serving.protocol.infer_decode import InferDecoder


class RegisterStep:
    """Pushes the trained model, once for all that led to it."""

    name: ClassVar[str] = "register"

    def decided_by(self, work: Work) -> dict[str, Any]:
        """Return the model and the steps that led to it, the sample, and whose signature it gets."""
        spec = _spec(work)
        sample = (work.folder / spec.sample).read_text("utf-8") if spec.sample else ""
        return {
            "model": given(work, "train").digest,
            "name": work.spec.model,
            "steps": dict(work.results),
            "sample": sample,
        }

    def run(self, work: Work) -> Outcome:
        """Push it, and give no artifact: the version is in the registry."""
        file = work.scratch / "model.onnx"
        save_artifact(work.store, given(work, "train"), file)
        claim = Claim(work.key, work.spec.pipeline, work.run.run)
        try:
            pushed = Registry(work.store).push(file, work.spec.model, sample=_sample(work, file), claim=claim)
        except (InvalidModelError, InvalidRequestError) as error:
            raise StepFailedError(*error.faults) from None
        record = pushed.record
        work.progress(f"{record.name} registered")
        return Outcome((), {"name": record.name, "version": record.version, "digest": record.blob.digest})


def _spec(work: Work) -> Register:
    assert isinstance(work.step, Register)  # noqa: S101 - the step's own part of the spec
    return work.step


def _sample(work: Work, file: Any) -> Sample | None:
    """Return the request that the version is warmed up with: the spec's, else one of a held-out row."""
    spec = _spec(work)
    if spec.sample:
        try:
            request = (work.folder / spec.sample).read_bytes()
        except OSError:
            fault = Fault("register, sample", "a file beside the spec", "none to read", "correct its name")
            raise StepFailedError(fault) from None
    else:
        request = _held_out_request(work, file)
    return Sample(request, lambda content, signature: InferDecoder(signature).decode(content).inputs)


def _held_out_request(work: Work, file: Any) -> bytes:
    from poorwill.registry.onnx_session import open_session

    matrix = read_matrix(open_data(work), "held out", work.spec.heldout_percent)
    row = np.nan_to_num(matrix.features[0]).tolist()
    taken = open_session(str(file)).signature.inputs[0]
    tensor = {"name": taken.name, "datatype": taken.datatype, "shape": [1, len(row)], "data": row}
    return msgspec.json.encode({"inputs": [tensor]}) + b"\n"
