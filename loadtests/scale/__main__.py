"""Fill a registry, let a twin carry a thousand models, and time the commands; nothing is left behind.

python -m loadtests.scale [--models 1000] [--versions 10] [--steps 1 200 500 1000] [--turns 7]
    [--awake 5 10 20] [--keep]
"""

import argparse
import datetime as dt
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from functions.examples.ending import run_to_an_end

from loadtests import tail_model
from loadtests.bench import environments
from loadtests.bench.machine import machine, say, warn_if_busy
from loadtests.bench.models import make_small
from loadtests.bench.report import members, replace_between_markers
from loadtests.bench.twin.ground import Ground
from loadtests.commit import commit
from loadtests.scale import stock
from loadtests.scale.memory import at_rest, wake_seconds, with_awake
from loadtests.scale.place import Place
from loadtests.scale.report import WAKE, markdown
from loadtests.scale.seen import Memory, Scale, Timed
from loadtests.scale.turns import Bucket, bucket_turns, delivery_turns
from loadtests.seaweed import seaweed_server

SELECTION = ("--extra", "local", "--no-editable", "--reinstall-package", "poorwill")
BUILD = environments.ROOT / "build" / "scale"
PAGE, MARK = environments.ROOT / "docs" / "scale.md", "scale"


def main() -> None:
    """Measure and report."""
    options = _options()
    BUILD.mkdir(parents=True, exist_ok=True)
    warn_if_busy()
    bin_folder = options.bin or environments.make(BUILD / "environment", SELECTION, sys.executable)
    with tempfile.TemporaryDirectory(prefix="poorwill-scale-") as name:
        found = _run(bin_folder.absolute(), Path(name), options)
    _publish(found, keep=options.keep)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtests.scale", description=__doc__)
    parser.add_argument("--models", type=int, default=1000, help="in the registry")
    parser.add_argument("--versions", type=int, default=10, help="of each model")
    parser.add_argument(
        "--steps", type=int, nargs="+", default=[1, 200, 500, 1000], help="models deployed, step by step"
    )
    parser.add_argument("--turns", type=int, default=7, help="of each command, each with another model")
    parser.add_argument("--awake", type=int, nargs="*", default=[5, 10, 20], help="functions, for their memory")
    parser.add_argument("--bin", type=Path, help="bin folder of an environment that has Poorwill; else one is made")
    parser.add_argument("--keep", action="store_true", help=f"put the tables into {PAGE.name}")
    return parser.parse_args()


def _run(bin_folder: Path, folder: Path, options: argparse.Namespace) -> Scale:
    began = time.perf_counter()
    stock.fill(str(folder / "store"), options.models, options.versions, folder)
    filled_seconds = time.perf_counter() - began
    say(f"{options.models * options.versions:,} versions after {filled_seconds:.0f} s")
    content = (folder / f"{tail_model.name(1)}.onnx").read_bytes()
    turns = range(1, options.turns + 1)
    in_bucket = _in_bucket(bin_folder, folder, turns, content)
    with Place(Ground(bin_folder, folder / "store", make_small(folder), folder)) as place:
        began = time.perf_counter()
        memory = _deployed(place, options.steps)
        deployed_seconds = time.perf_counter() - began
        commands = delivery_turns(place, turns, content, folder)
        place.await_sleep()
        wakes = [wake_seconds(place, number) for number in turns]
        for awake in options.awake:
            place.await_sleep()
            memory.append(with_awake(place, range(1, awake + 1), options.steps[-1]))
            say(f"{memory[-1].awake} awake: {memory[-1]}")
    return Scale(
        dt.datetime.now(dt.UTC).isoformat(timespec="minutes"),
        machine(),
        commit(),
        options.models,
        options.versions,
        options.steps[-1],
        filled_seconds,
        deployed_seconds,
        [*commands, Timed(WAKE, wakes, [0.0] * len(wakes)), *in_bucket],
        memory,
    )


def _in_bucket(bin_folder: Path, folder: Path, turns: range, content: bytes) -> list[Timed]:
    """Copy the registry into a bucket of a server of its own, and time what asks that."""
    scratch = folder / "s3"
    scratch.mkdir()
    with seaweed_server(scratch) as server:
        os.environ.update(server.environment)
        bucket = Bucket(f"s3://{server.make_bucket()}/team", server.environment)
        stock.mirror(folder / "store", bucket.url)
        say("the same in a bucket")
        return bucket_turns(bin_folder, bucket, turns, content, folder)


def _deployed(place: Place, steps: list[int]) -> list[Memory]:
    memory = [at_rest(place, 0)]
    for first, last in zip([0, *steps], steps, strict=False):
        place.bring(range(first + 1, last + 1))
        memory.append(at_rest(place, last))
        say(f"{last} asleep: {memory[-1]}")
    return memory


def _publish(found: Scale, *, keep: bool) -> None:
    page = markdown(found, command="`make scale README=1`" if keep else "`make scale`")
    path = BUILD / "scale.json"
    path.write_text(json.dumps(members(found), indent=1))
    if keep:
        PAGE.write_text(replace_between_markers(PAGE.read_text(), page, MARK))
    say(f"every turn: {path.relative_to(environments.ROOT)}")
    print(page, end="")


if __name__ == "__main__":
    run_to_an_end(main)
