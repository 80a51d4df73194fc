"""The step that registers: the judged model becomes a version whose record holds where it came from."""

from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import numpy as np

from poorwill.errors import Fault, InvalidModelError, InvalidRequestError, NotFoundError
from poorwill.pipeline.artifacts import given, save_artifact
from poorwill.pipeline.data import open_data
from poorwill.pipeline.keys import step_key
from poorwill.pipeline.matrix import read_matrix
from poorwill.pipeline.run_store import find_result
from poorwill.pipeline.spec import Register
from poorwill.pipeline.statement import signed_statement, signer
from poorwill.pipeline.step import Outcome, StepFailedError, Work
from poorwill.registry.push import Claim, Sample
from poorwill.registry.records import VersionName
from poorwill.registry.registry import Registry
from poorwill.serving.protocol.infer_decode import InferDecoder


class RegisterStep:
    """Pushes the trained model, once for all that led to it, with a statement of where it came from.

    Args:
        signing_key_file: the private key that signs the statement; "" leaves it unsigned.
    """

    name: ClassVar[str] = "register"

    def __init__(self, signing_key_file: str = "") -> None:
        self._signing_key_file = signing_key_file

    def decided_by(self, work: Work) -> dict[str, Any]:
        """Return the model and the steps that led to it, the sample, and whose signature it gets.

        Not the evaluation: the same model is no second version for being judged beside another one. A version that was
        removed is not what it leads to any more: the next one has the removed one's number among what decides it.
        """
        decided_by: dict[str, Any] = {
            "model": given(work, "train").digest,
            "name": work.spec.model,
            "steps": {name: key for name, key in work.results.items() if name != "evaluate"},
            "sample": sha256(_named_sample(work)).hexdigest(),
            "signer": self._signer(work),
        }
        while removed := _removed(work, {"step": self.name, **decided_by}):
            decided_by["instead_of"] = removed
        return decided_by

    def run(self, work: Work) -> Outcome:
        """Push it, and give no artifact: the version is in the registry."""
        file = work.scratch / "model.onnx"
        save_artifact(work.store, given(work, "train"), file)
        statement = signed_statement(work, self._signing_key_file)
        claim = Claim(work.key, work.spec.pipeline, work.run.run, statement)
        try:
            pushed = Registry(work.store).push(file, work.spec.model, sample=_sample(work, file), claim=claim)
        except (InvalidModelError, InvalidRequestError) as error:
            raise StepFailedError(*error.faults) from None
        record = pushed.record
        work.progress(f"{record.name} registered")
        return Outcome((), {"name": record.name, "version": record.version, "digest": record.blob.digest})

    def _signer(self, work: Work) -> str:
        """Return the id of the key that signs the version, "" for none; StepFailedError where the spec wants one."""
        if self._signing_key_file:
            return signer(self._signing_key_file)
        if _spec(work).signed:
            advice = "set it to a private key of `poorwill keys new`, or leave `signed` out"
            where = "--signing-key-file (POORWILL_SIGNING_KEY_FILE)"
            raise StepFailedError(Fault(where, "a key, as the spec says signed: true", "none", advice))
        return ""


def _removed(work: Work, decided_by: dict[str, Any]) -> int:
    """Return the number of the version that this led to, if it was removed since; 0 else."""
    result = find_result(work.store, step_key(decided_by))
    if result is None:
        return 0
    number = int(result.facts["version"])
    try:
        Registry(work.store).resolve(VersionName(work.spec.model, number, None))
    except NotFoundError:
        return number
    return 0


def _spec(work: Work) -> Register:
    assert isinstance(work.step, Register)  # noqa: S101 - the step's own part of the spec
    return work.step


def _named_sample(work: Work) -> bytes:
    """Return the request that the spec names, b"" for none."""
    name = _spec(work).sample
    try:
        return (work.folder / name).read_bytes() if name else b""
    except OSError:
        fault = Fault("register, sample", "a file beside the spec", "none to read", "correct its name")
        raise StepFailedError(fault) from None


def _sample(work: Work, file: Path) -> Sample:
    """Return the request that the version is warmed up with: the spec's, else one of a held-out row."""
    request = _named_sample(work) or _held_out_request(work, file)
    return Sample(request, lambda content, signature: InferDecoder(signature).decode(content).inputs)


def _held_out_request(work: Work, file: Path) -> bytes:
    from poorwill.registry.onnx_session import open_session

    matrix = read_matrix(open_data(work), "held out", work.spec.heldout_percent)
    row = np.nan_to_num(matrix.features[0]).tolist()
    taken = open_session(str(file)).signature.inputs[0]
    rows = max(1, taken.sizes[0]) if taken.sizes else 1  # of a model with a fixed batch, as many
    tensor = {"name": taken.name, "datatype": taken.datatype, "shape": [rows, len(row)], "data": row * rows}
    return msgspec.json.encode({"inputs": [tensor]}) + b"\n"
