"""Compare a monolith with Poorwill on twins of their own, round by round in turn; nothing is left behind.

python -m loadtests.comparison [--models 10 50] [--rounds 3] [--faults ...] [--base IMAGE] [--keep]

or in namespaces of a cluster, whose gateway answers here, and whose nodes pull from a registry that this machine fills:

python -m loadtests.comparison --kubeconfig FILE --gateway HOST:PORT --store URL --image IMAGE --registry HOST:PORT/NAME
"""

import argparse
import contextlib
import datetime as dt
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from functions.examples.ending import run_to_an_end

from loadtests.bench import environments
from loadtests.bench.machine import machine, say, warn_if_busy
from loadtests.bench.models import make_small
from loadtests.bench.twin.ground import Ground
from loadtests.commit import commit
from loadtests.comparison import publishing
from loadtests.comparison.blast import FAULTS, Blast, Plan, blasts
from loadtests.comparison.cluster_place import ClusterPlace, Where
from loadtests.comparison.ground import Place
from loadtests.comparison.image_build import ImageBuild, image_build
from loadtests.comparison.report import Comparison
from loadtests.comparison.sides import Functions, Monolith, Side
from loadtests.comparison.twin_place import TwinPlace
from loadtests.comparison.visit import Visit, visit
from poorwill.settings import read

Builder = Callable[[str, Path], AbstractContextManager[Place]]
"""Makes the place of a side by its name, in a folder."""
CLUSTERS = {
    "gateway": "host:port of its ingress, from here",
    "store": "URL of a bucket that this machine and the pods reach, by the AWS_* of the environment",
    "image": "of version services, as the nodes pull it",
    "registry": "host:port/name that this machine pushes to and the nodes pull from",
}
SELECTION = ("--extra", "local", "--no-editable", "--reinstall-package", "poorwill")
TWIN_WATCH_SECONDS, CLUSTER_WATCH_SECONDS = 7.0, 25.0


def main() -> None:
    """Compare and report."""
    options = _options()
    warn_if_busy()
    build = image_build(options.base)
    say(f"the monolith's image is built by {build.engine}" if build else "no image is built: no engine, or no base")
    measured = commit()
    visits: list[Visit] = []
    hurts: list[Blast] = []
    builder = _builder(options, build)
    with build or contextlib.nullcontext(), tempfile.TemporaryDirectory(prefix="poorwill-comparison-") as name:
        for models in options.models:
            with _sides(Path(name) / str(models), builder) as sides:
                visits += _visits(sides, models, options.rounds, Path(name))
                if models == options.models[0]:
                    plan = Plan(options.faults, models, options.watch)
                    hurts += _blasts(sides, plan, options.rounds, Path(name))
    found = Comparison(
        date=dt.datetime.now(dt.UTC).isoformat(timespec="minutes"),
        machine=machine(),
        commit=measured,
        engine=build.engine if build else "",
        visits=visits,
        blasts=hurts,
    )
    publishing.publish(found, options.out, _command(options), keep=options.keep)


def _environment() -> Path:
    return environments.make(publishing.BUILD / "environment", SELECTION, sys.executable)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtests.comparison", description=__doc__)
    parser.add_argument("--models", type=int, nargs="+", default=[10, 50], help="how many, run after run")
    parser.add_argument("--rounds", type=int, default=3, help="visits of each side; in each another model changes")
    parser.add_argument("--faults", nargs="*", choices=FAULTS, default=FAULTS, help="of one model, in the first run")
    parser.add_argument(
        "--watch",
        type=float,
        help=f"seconds that callers are watched after a fault; else {TWIN_WATCH_SECONDS:.0f}, "
        f"on a cluster, whose pods take longer to come, {CLUSTER_WATCH_SECONDS:.0f}",
    )
    parser.add_argument("--base", help="image that the monolith's is built upon; else the one that functions run")
    parser.add_argument("--bin", type=Path, help="bin folder of an environment that has Poorwill; else one is made")
    parser.add_argument("--out", type=Path, default=publishing.BUILD, help="folder for every figure")
    parser.add_argument("--keep", action="store_true", help=f"put tables and plots into {publishing.PAGE.name}")
    cluster = parser.add_argument_group("a cluster")
    cluster.add_argument("--kubeconfig", type=Path, help="of the cluster; without it twins are made")
    for name, words in CLUSTERS.items():
        cluster.add_argument(f"--{name}", help=words)
    options = parser.parse_args()
    missing = [f"--{name}" for name in CLUSTERS if not getattr(options, name)] if options.kubeconfig else []
    if missing:
        parser.error(f"a cluster needs {' '.join(missing)}")
    if options.kubeconfig and options.keep:
        parser.error(f"--keep puts into {publishing.PAGE.name} what twins have shown")
    if options.watch is None:
        options.watch = CLUSTER_WATCH_SECONDS if options.kubeconfig else TWIN_WATCH_SECONDS
    options.base = options.base or options.image or read({}).image
    return options


def _visits(sides: Sequence[Side], models: int, rounds: int, folder: Path) -> Iterator[Visit]:
    """Yield the rounds of both sides in turn, each beginning with the other one."""
    for side in sides:
        side.begin(models)
        say(f"{side.name}: {models} models are there")
    for number in range(1, rounds + 1):
        for side in _in_turn(sides, number):
            found = visit(side, models, (number - 1) % models + 1, folder)
            say(
                f"{models} models, round {number}: {side.name} deploys in {found.deploy_seconds:.1f} s, "
                f"back in {found.rollback_seconds:.1f} s"
            )
            yield found


def _blasts(sides: Sequence[Side], plan: Plan, rounds: int, folder: Path) -> Iterator[Blast]:
    """Yield what faults do to both sides, in turn."""
    for number in range(1, rounds + 1):
        for side in _in_turn(sides, number):
            for found in blasts(side, plan, folder):
                say(f"round {number}: {found.fault} on {side.name}: others silent {found.others.silence_seconds:.1f} s")
                yield found


def _in_turn(sides: Sequence[Side], number: int) -> Sequence[Side]:
    return sides if number % 2 else sides[::-1]


def _builder(options: argparse.Namespace, build: ImageBuild | None) -> Builder:
    bin_folder = options.bin.absolute() if options.bin else _environment()
    if options.kubeconfig is None:
        return lambda name, folder: TwinPlace(
            Ground(bin_folder, folder / "store", make_small(folder), folder / name), build
        )
    if build is None:
        sys.exit(f"comparison: wanted docker or buildah, and {options.base} there: a cluster runs nothing but images")
    where = Where(options.kubeconfig, options.gateway, options.store, options.image, options.registry)
    return lambda name, folder: ClusterPlace(where, name, bin_folder, folder / name, build)


def _command(options: argparse.Namespace) -> str:
    words = " README=1" if options.keep else " KUBECONFIG=..." if options.kubeconfig else ""
    return f"`make comparison{words}`"


@contextlib.contextmanager
def _sides(folder: Path, builder: Builder) -> Iterator[list[Side]]:
    """Hold both sides, each in a place of its own."""
    folder.mkdir()
    with contextlib.ExitStack() as stack:
        one, other = (stack.enter_context(builder(name, folder)) for name in ("monolith", "functions"))
        yield [Monolith(one), Functions(other)]


if __name__ == "__main__":
    run_to_an_end(main)
