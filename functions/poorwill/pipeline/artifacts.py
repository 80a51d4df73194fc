"""Artifacts as blobs: stored before any record names them, verified when they are read."""

from collections.abc import Sequence
from hashlib import file_digest
from pathlib import Path

from poorwill.errors import ConflictError, Fault
from poorwill.pipeline.records import Artifact
from poorwill.pipeline.step import Made, Work
from poorwill.registry.keys import blob_key
from poorwill.store.port import ObjectStore
from poorwill.store.reader import Reader


def store_made(store: ObjectStore, made: Sequence[Made]) -> tuple[Artifact, ...]:
    """Store what a step made, and return the artifacts."""
    artifacts = []
    for file in made:
        with file.path.open("rb") as content:
            digest = f"sha256:{file_digest(content, 'sha256').hexdigest()}"
        store.put(blob_key(digest), file.path)
        size_bytes = file.path.stat().st_size
        artifacts.append(
            Artifact(
                name=file.name,
                digest=digest,
                size_bytes=size_bytes,
                media_type=file.media_type,
                facts=dict(file.facts),
            )
        )
    return tuple(artifacts)


def keep_made(store: ObjectStore, made: Sequence[Made], artifacts: Sequence[Artifact]) -> None:
    """Store again what a `gc` took that had begun before a record named it."""
    for file, artifact in zip(made, artifacts, strict=True):
        if not any(store.list(blob_key(artifact.digest))):
            store.put(blob_key(artifact.digest), file.path)


def are_there(store: ObjectStore, artifacts: Sequence[Artifact]) -> bool:
    """Return whether the bytes of all artifacts are in the store, by their number; their digest is for who reads."""
    return all(
        any(entry.size_bytes == artifact.size_bytes for entry in store.list(blob_key(artifact.digest)))
        for artifact in artifacts
    )


def read_artifact(store: ObjectStore, artifact: Artifact) -> bytes:
    """Return an artifact's bytes; raise CorruptError where they are not those of its digest."""
    return Reader(store.stream).fetch(blob_key(artifact.digest), artifact.digest, artifact.size_bytes)


def save_artifact(store: ObjectStore, artifact: Artifact, path: Path) -> None:
    """Write an artifact's bytes to a new file; raises as `read_artifact` does."""
    Reader(store.stream).save(blob_key(artifact.digest), artifact.digest, artifact.size_bytes, str(path))


def given(work: Work, step: str) -> Artifact:
    """Return what an earlier step of the run gave under its spec's name."""
    name = next((part.gives for part in work.spec.steps if part.step == step), "")
    try:
        return work.inputs[name]
    except KeyError:
        fault = Fault(f"artifact of {step}", "one in the run", "none", "begin a new run: send the event again")
        raise ConflictError(fault) from None
