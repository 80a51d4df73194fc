"""Each command a few times, as people give it: new versions pushed, listed, deployed, given traffic and taken back."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from loadtests import tail_model
from loadtests.bench.machine import say
from loadtests.scale.place import Place, Took, command
from loadtests.scale.seen import Timed
from loadtests.scale.stock import version_bytes

PUSHED = 10_000
"""Added to a number, it is the version whose weights a turn pushes: none that the stock has."""
S3 = "S3"


class Bucket(NamedTuple):
    """A store in a bucket, and the variables that open it."""

    url: str
    variables: dict[str, str]


def delivery_turns(place: Place, numbers: Sequence[int], content: bytes, folder: Path) -> list[Timed]:
    """Push, deploy, split and roll back a new version of each of these models, and look at them.

    Args:
        place: where their first versions are deployed.
        numbers: of the models; each is one turn.
        content: of the first model's file.
        folder: for files.
    """
    took: dict[str, list[Took]] = {}
    for number in numbers:
        for name, one in _turn(place, number, _file(folder, content, number)):
            took.setdefault(name, []).append(one)
        say(
            f"{tail_model.name(number)}: "
            + ", ".join(f"{name} {all_of[-1].seconds:.2f} s" for name, all_of in took.items())
        )
    return _timed(took)


def _turn(place: Place, number: int, file: Path) -> Iterator[tuple[str, Took]]:
    model, store = tail_model.name(number), ("--store", str(place.ground.store))
    pushed = place.command("push", str(file), "--name", model, *store, "--output", "json")
    yield "push", pushed
    version = json.loads(pushed.said)["version"]
    yield "models", place.command("models", *store)
    yield "versions", place.command("versions", model, *store)
    yield "deploy", place.command("deploy", f"{model}@{version}", *store, "--from", str(place.start))
    yield "deploy again", place.command("deploy", f"{model}@{version}", *store)
    yield "split", place.command("split", model, f"v{version}=100")
    yield "rollback", place.command("rollback", model, "--yes")
    yield "status of one", place.command("status", model)
    yield "status of all", place.command("status")


def bucket_turns(bin_folder: Path, bucket: Bucket, numbers: Sequence[int], content: bytes, folder: Path) -> list[Timed]:
    """Push a new version of each of these models to a bucket, and list what is there."""
    took: dict[str, list[Took]] = {}
    store = ("--store", bucket.url)
    for number in numbers:
        model, file = tail_model.name(number), str(_file(folder, content, number))
        for name, arguments in (
            (f"push, {S3}", ("push", file, "--name", model)),
            (f"models, {S3}", ("models",)),
            (f"versions, {S3}", ("versions", model)),
        ):
            took.setdefault(name, []).append(command(bin_folder, (*arguments, *store), folder, bucket.variables))
    return _timed(took)


def _file(folder: Path, content: bytes, number: int) -> Path:
    path = folder / f"pushed-{number}.onnx"
    path.write_bytes(version_bytes(content, number, PUSHED + number))
    return path


def _timed(took: dict[str, list[Took]]) -> list[Timed]:
    return [
        Timed(name, [one.seconds for one in all_of], [one.cpu_seconds for one in all_of])
        for name, all_of in took.items()
    ]
