"""Where a version came from, as others read it: an in-toto statement with SLSA's provenance, signed in a DSSE envelope.

https://github.com/in-toto/attestation/blob/v1.1.0/spec/v1/statement.md
https://slsa.dev/spec/v1.0/provenance
"""

from pathlib import Path
from typing import Any

from poorwill import __version__
from poorwill.pipeline import run_store
from poorwill.pipeline.artifacts import given
from poorwill.pipeline.keys import canonical_json
from poorwill.pipeline.records import Artifact, Result
from poorwill.pipeline.spec import Deploy
from poorwill.pipeline.step import Work
from poorwill.registry.attestation import BUILD_TYPE, PAYLOAD_TYPE, PREDICATE_TYPE, STATEMENT_TYPE
from poorwill.registry.dsse import sealed
from poorwill.registry.external_data import MODEL_FILE


def signed_statement(work: Work, signing_key_file: str) -> bytes:
    """Return the envelope of a version's provenance; without a key it has no signature.

    Args:
        work: of the step that registers.
        signing_key_file: a private key's PEM file, or "".

    Raises:
        UsageError: that is no such file.
    """
    key = None
    if signing_key_file:
        from poorwill.registry.signing import read_signing_key

        key = read_signing_key(Path(signing_key_file))
    return sealed(canonical_json(statement(work)), PAYLOAD_TYPE, key)


def signer(signing_key_file: str) -> str:
    """Return the id of the key in a private key's file; raise UsageError where there is none."""
    from poorwill.registry.signing import read_signing_key

    return read_signing_key(Path(signing_key_file)).keyid


def statement(work: Work) -> dict[str, Any]:
    """Return what is stated of the model that a run has made."""
    results = {step: result for step, key in work.results.items() if (result := run_store.find_result(work.store, key))}
    model = given(work, "train")
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": MODEL_FILE, "digest": _digest(model.digest)}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": _external(work, results),
                "internalParameters": {"environment": _decided(results, "train", "environment")},
                "resolvedDependencies": [
                    {"name": "data", "digest": _digest(given(work, "ingest").digest)},
                    {"name": "code", "digest": _digest(str(_decided(results, "train", "code")))},
                    {"name": "spec", "digest": _digest(work.run.spec_digest)},
                ],
            },
            "runDetails": {
                "builder": {"id": f"https://poorwill.dev/pipeline@{__version__}"},
                "metadata": {
                    "invocationId": work.run.run,
                    "startedOn": _seconds(min(result.began for result in results.values())),
                    "finishedOn": _seconds(max(result.ended for result in results.values())),
                },
                "byproducts": [_byproduct(artifact) for artifact in work.inputs.values() if artifact != model],
            },
        },
    }


def _external(work: Work, results: dict[str, Result]) -> dict[str, Any]:
    deploy = next((step for step in work.spec.steps if isinstance(step, Deploy)), None)
    return {
        "pipeline": work.spec.pipeline,
        "model": work.spec.model,
        "object": str(work.run.data.get("object", "")),
        "function": _decided(results, "train", "function"),
        "parameters": _decided(results, "train", "parameters"),
        "seed": _decided(results, "train", "seed"),
        # what the deploy function may give it on the strength of the signature alone
        "percent": deploy.percent if deploy else 0,
        "metrics": results["evaluate"].facts if "evaluate" in results else {},
    }


def _decided(results: dict[str, Result], step: str, name: str) -> Any:
    return results[step].decided_by.get(name) if step in results else None


def _byproduct(artifact: Artifact) -> dict[str, Any]:
    return {"name": artifact.name, "digest": _digest(artifact.digest), "mediaType": artifact.media_type}


def _digest(digest: str) -> dict[str, str]:
    return {"sha256": digest.removeprefix("sha256:")}


def _seconds(moment: str) -> str:
    """Return a time as SLSA has it, without fractions."""
    return f"{moment[:19]}Z"
