"""Compare a monolith with Poorwill on twins of their own, round by round in turn; nothing is left behind.

python -m loadtests.comparison [--models 10 50] [--rounds 3] [--base IMAGE] [--keep]
"""

import argparse
import contextlib
import datetime as dt
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from functions.examples.ending import take_any_end_as_ctrl_c

from loadtests.bench import environments
from loadtests.bench.machine import machine, say, warn_if_busy
from loadtests.bench.models import make_small
from loadtests.bench.twin.ground import Ground
from loadtests.comparison import publishing
from loadtests.comparison.ground import Place
from loadtests.comparison.image_build import ImageBuild, image_build
from loadtests.comparison.report import Comparison
from loadtests.comparison.sides import Functions, Monolith, Side
from loadtests.comparison.visit import Visit, visit
from poorwill.settings import read

SELECTION = ("--extra", "local", "--no-editable", "--reinstall-package", "poorwill")
INTERRUPTED = 130


def main() -> None:
    """Compare and report."""
    options = _options()
    warn_if_busy()
    bin_folder = options.bin.absolute() if options.bin else _environment()
    build = image_build(options.base)
    say(f"the monolith's image is built by {build.engine}" if build else "no image is built: no engine, or no base")
    with build or contextlib.nullcontext(), tempfile.TemporaryDirectory(prefix="poorwill-comparison-") as name:
        visits = [
            each
            for models in options.models
            for each in _visits(Path(name) / str(models), bin_folder, build, models, options.rounds)
        ]
    found = Comparison(
        date=dt.datetime.now(dt.UTC).isoformat(timespec="minutes"),
        machine=machine(),
        engine=build.engine if build else "",
        visits=visits,
    )
    publishing.publish(found, options.out, keep=options.keep)


def _environment() -> Path:
    return environments.make(publishing.BUILD / "environment", SELECTION, sys.executable)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtests.comparison", description=__doc__)
    parser.add_argument("--models", type=int, nargs="+", default=[10, 50], help="how many, run after run")
    parser.add_argument("--rounds", type=int, default=3, help="visits of each side; in each another model changes")
    parser.add_argument("--base", default=read({}).image, help="image that the monolith's is built upon")
    parser.add_argument("--bin", type=Path, help="bin folder of an environment that has Poorwill; else one is made")
    parser.add_argument("--out", type=Path, default=publishing.BUILD, help="folder for every figure")
    parser.add_argument("--keep", action="store_true", help=f"put tables and plots into {publishing.PAGE.name}")
    return parser.parse_args()


def _visits(folder: Path, bin_folder: Path, build: ImageBuild | None, models: int, rounds: int) -> Iterator[Visit]:
    """Yield the rounds of both sides in turn, each beginning with the other one."""
    with _sides(folder, bin_folder, build) as sides:
        for side in sides:
            side.begin(models)
            say(f"{side.name}: {models} models are there")
        for number in range(1, rounds + 1):
            for side in sides if number % 2 else sides[::-1]:
                found = visit(side, models, (number - 1) % models + 1, folder)
                say(
                    f"{models} models, round {number}: {side.name} deploys in {found.deploy_seconds:.1f} s, "
                    f"back in {found.rollback_seconds:.1f} s"
                )
                yield found


@contextlib.contextmanager
def _sides(folder: Path, bin_folder: Path, build: ImageBuild | None) -> Iterator[list[Side]]:
    """Hold both sides, each on a twin of its own."""
    folder.mkdir()
    sample = make_small(folder)
    grounds = (Ground(bin_folder, folder / "store", sample, folder / name) for name in ("monolith", "functions"))
    with contextlib.ExitStack() as stack:
        one, other = (stack.enter_context(Place(ground)) for ground in grounds)
        yield [Monolith(one, build), Functions(other)]


if __name__ == "__main__":
    take_any_end_as_ctrl_c()
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
