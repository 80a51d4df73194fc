"""Make the environments, visit every server turn by turn, print the tables and write every visit as JSON.

python -m loadtests.peers [PEER...] [--only PEER...] [--models small tree big] [--rounds 5] [--cold 4] [--seconds 4]
    [--keep]
"""

import argparse
import datetime as dt
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import onnxruntime
from functions.examples.ending import run_to_an_end

from loadtests.bench import environments, wrk
from loadtests.bench.machine import machine, push, say, warn_if_busy
from loadtests.commit import commit
from loadtests.peers import floors
from loadtests.peers.locks import lock
from loadtests.peers.models import MAKERS
from loadtests.peers.publishing import BUILD, publish
from loadtests.peers.report import Comparison
from loadtests.peers.rows import ALWAYS, BY_NAME, OURS, ROWS
from loadtests.peers.tour import Plan, Tour

ENVIRONMENTS = BUILD / "environments"


def main() -> int:
    """Measure and report; return 1 where a peer had to be left out."""
    options = _options()
    warn_if_busy()
    if not wrk.is_there():
        say(wrk.MISSING)
    peers = options.only or [*ALWAYS, *(name for name in options.peers if name not in ALWAYS)]
    bins, missing = _installed(peers)
    with tempfile.TemporaryDirectory(prefix="poorwill-peers-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        samples = {model: MAKERS[model](folder) for model in options.models}
        for sample in samples.values():
            push(sample, folder / "store")
        tour = Tour(bins, folder / "store", samples, folder)
        tour.faults.update(missing)
        tour.try_threads()
        found = floors.measure(tour)
        visits = list(tour.visits(Plan(options.rounds, options.cold, options.seconds)))
    threads = {row: count for (_, row), count in tour.threads.items()}
    publish(Comparison(_heading(options), visits, found, threads, tour.faults), keep=options.keep)
    return 1 if tour.faults else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtests.peers", description=__doc__)
    parser.add_argument("peers", nargs="*", metavar="PEER", help=", ".join(BY_NAME))
    parser.add_argument("--only", nargs="+", choices=(*ALWAYS, *BY_NAME), metavar="PEER", help="these and no others")
    parser.add_argument("--models", nargs="+", choices=MAKERS, default=list(MAKERS))
    parser.add_argument("--rounds", type=int, default=5, help="visits of each server with load")
    parser.add_argument("--cold", type=int, default=4, help="further visits for the cold start alone")
    parser.add_argument("--seconds", type=int, default=4, help="load over many connections; over one half of it")
    parser.add_argument("--keep", action="store_true", help="put the tables into docs/peers.md and README.md")
    options = parser.parse_args()
    if unknown := [name for name in options.peers if name not in (*ALWAYS, *BY_NAME)]:
        parser.error(f"wanted peers of {', '.join((*ALWAYS, *BY_NAME))}; found {', '.join(unknown)}")
    return options


def _installed(peers: Sequence[str]) -> tuple[dict[str, Path], dict[tuple[str, str], str]]:
    """Return the environments' bin folders by row, and why a peer has none."""
    ours = environments.make(ENVIRONMENTS / OURS, environments.OURS, sys.executable)
    bins, missing = {OURS: ours}, {}
    for name in peers:
        try:
            bins[name] = environments.make_locked(ENVIRONMENTS / name, lock(name), sys.executable)
        except (OSError, subprocess.CalledProcessError) as failure:
            say(f"{ROWS[name].name} can't be installed here, and is left out: {failure}")
            missing["all models", name] = "it can't be installed here"
    return bins, missing


def _heading(options: argparse.Namespace) -> str:
    command = "`make peers README=1`" if options.keep else "`make peers`"
    facts = (
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d}",
        machine(),
        f"commit {commit()}",
        f"Python {platform.python_version()}, onnxruntime {onnxruntime.__version__}",
        f"{options.rounds} x {options.seconds} s of load, {options.rounds + options.cold} cold starts",
    )
    return f"{', '.join(facts)}, {command}:"


if __name__ == "__main__":
    run_to_an_end(main)
