"""Measure a twin with Envoy and one with the activator alone, print the tables and write them as JSON.

python -m loadtests.bench.twin [--services 200] [--turns 20] [--rounds 5] [--seconds 3] [--rest 30] [--keep]
"""

import argparse
import datetime as dt
import json
import platform
import sys
import tempfile
import time
from pathlib import Path

from loadtests.bench import environments, wrk
from loadtests.bench.machine import BUILD, machine, push, say, warn_if_busy
from loadtests.bench.models import make_small
from loadtests.bench.report import members, replace_between_markers
from loadtests.bench.twin import rest, wakes
from loadtests.bench.twin.ground import AWAKE, SOON, Ground, Twin
from loadtests.bench.twin.report import ACTIVATOR, DIRECT, ENVOY, Run, markdown
from loadtests.bench.twin.warm import LIVE, Latency, Load, Warm, infer_path

SELECTION = ("--extra", "local", "--no-editable", "--reinstall-package", "poorwill")
PAGE = environments.ROOT / "docs" / "benchmarks.md"
MARK = "bench-twin"
AT_ONCE = 4  # services that start together
SETTLE_SECONDS = 3
WARM_SECONDS = 1
TURNS_A_ROUND = 1000


def main() -> None:
    """Measure and report."""
    options = _options()
    BUILD.mkdir(parents=True, exist_ok=True)
    warn_if_busy()
    if not wrk.is_there():
        say(wrk.MISSING)
    bin_folder = environments.make(BUILD / "twin", SELECTION, sys.executable)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sample = make_small(folder)
        push(sample, folder / "store")
        run = _run(Ground(bin_folder, folder / "store", sample, folder), options)
    _publish(run, keep=options.keep)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtests.bench.twin", description=__doc__)
    parser.add_argument("--services", type=int, default=200, help="version services that sleep")
    parser.add_argument("--turns", type=int, default=20, help="wakes, each beside a bare start")
    parser.add_argument("--rounds", type=int, default=5, help="visits of each warm path")
    parser.add_argument("--seconds", type=int, default=3, help="load of each visit")
    parser.add_argument("--rest", type=int, default=30, help="seconds to look at a twin at rest")
    parser.add_argument("--keep", action="store_true", help=f"put the tables into {PAGE.name}")
    return parser.parse_args()


def _run(ground: Ground, options: argparse.Namespace) -> Run:
    with Twin(ground, ENVOY) as twin:
        names = [f"small-v{number}" for number in range(1, options.services + 1)]
        empty = _at_rest(twin, options.rest)
        began = time.perf_counter()
        twin.furnish()
        for first in range(0, len(names), AT_ONCE):
            twin.apply(names[first : first + AT_ONCE], SOON)
        apply_seconds = time.perf_counter() - began
        say(f"{len(names)} services Ready after {apply_seconds:.0f} s")
        wakes.await_sleep(twin)
        asleep = _at_rest(twin, options.rest)
        woken = wakes.measure(twin, names[: options.turns + 1])
        for turn in woken:
            say(f"wake {turn.wake_ms:.0f} ms, bare start {turn.bare_ms:.0f} ms")
        wakes.await_sleep(twin)
        with Twin(ground, ACTIVATOR) as other:
            other.furnish()
            latencies, loads = _warm({ENVOY: _awake(twin), ACTIVATOR: _awake(other)}, options)
    return Run(empty, asleep, len(names), apply_seconds, woken, latencies, loads)


def _at_rest(twin: Twin, seconds: float) -> rest.Rest:
    time.sleep(SETTLE_SECONDS)
    found = rest.measure(twin, seconds)
    say(f"at rest: {found.twin_mb:.1f} MB, Envoy {found.envoy_mb:.1f} MB, {found.twin_cpu:.2f} CPU seconds a minute")
    return found


def _awake(twin: Twin) -> Warm:
    name = "awake-v1"
    twin.apply([name], AWAKE)
    (function,) = twin.functions
    return Warm(twin, name, function)


def _warm(twins: dict[str, Warm], options: argparse.Namespace) -> tuple[dict[str, list[Latency]], list[Load]]:
    """Visit each path once a round, so that a noisy minute falls on all of them."""
    latencies: dict[str, list[Latency]] = {path: [] for path in twins}
    loads: list[Load] = []
    for number in range(1, options.rounds + 1):
        for path, warm in twins.items():
            latencies[path].append(warm.latency(TURNS_A_ROUND))
            say(f"round {number}: {path} adds {latencies[path][-1].added_ms:.2f} ms")
        if wrk.is_there():
            loads += _loads(twins, options.seconds, number)
    return latencies, loads


def _loads(twins: dict[str, Warm], seconds: int, number: int) -> list[Load]:
    ways = ((DIRECT, twins[ENVOY]), *twins.items())
    found = []
    for path in (infer_path(twins[ENVOY].twin), LIVE):
        for way, warm in ways:
            warm.load(path, way, WARM_SECONDS)
            found.append(warm.load(path, way, seconds))
            say(f"round {number}: {path} by {way}: {found[-1].requests_per_second:,.0f} req/s")
    return found


def _publish(run: Run, *, keep: bool) -> None:
    now = dt.datetime.now(dt.UTC)
    command = "`make bench README=1`" if keep else "`make bench`"
    page = markdown(run, header=f"{now:%Y-%m-%d}, {machine()}, Python {platform.python_version()}, {command}:")
    result = {"date": now.isoformat(), "machine": machine(), "run": members(run)}
    path = BUILD / "twin.json"
    path.write_text(json.dumps(result, indent=1))
    if keep:
        PAGE.write_text(replace_between_markers(PAGE.read_text(), page, MARK))
    say(f"every visit: {path.relative_to(environments.ROOT)}")
    print(page, end="")


if __name__ == "__main__":
    main()
