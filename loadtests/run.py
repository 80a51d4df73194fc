"""`make load`: start a twin, let Locust ask it in one shape after the other, end it all; the exit code says it all.

python -m loadtests.run [RUN ...] [--stretch 1] [--reports build/load]
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from functions.examples.ending import run_to_an_end

from loadtests.load_page import keep
from loadtests.runs import RUNS, SHORT, LoadRun
from loadtests.twin import BROKER_HEADER, HOST_HEADER, ROOT, LoadTwin

STOP_SECONDS = 60  # for what is under way when the users go


def main() -> int:
    """Return the exit code: 0 when every limit of every run was kept."""
    options = _options()
    options.reports.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="poorwill-load-") as name, LoadTwin(Path(name)) as twin:
        twin.deployed.deploy_digits()
        codes = [_one(twin, run, options) for run in options.runs]
    if options.keep:
        keep(options.runs, options.reports)
    return max(codes)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtests.run", description=__doc__)
    parser.add_argument("runs", nargs="*", metavar="RUN", help=f"of {', '.join(RUNS)}; the usual: {' '.join(SHORT)}")
    parser.add_argument(
        "--stretch", type=float, help="how much longer stages are than the shapes say; 1 is as they say"
    )
    parser.add_argument("--tail", type=int, help="models of the long tail")
    parser.add_argument("--reports", type=Path, default=ROOT / "build" / "load", help="folder for a page of each run")
    parser.add_argument("--keep", action="store_true", help="put table and pictures into docs/load.md")
    options = parser.parse_args()
    options.runs = options.runs or list(SHORT)
    unknown = [name for name in options.runs if name not in RUNS]
    if unknown:
        parser.error(f"wanted runs of {', '.join(RUNS)}; found {', '.join(unknown)}")
    return options


def _one(twin: LoadTwin, name: str, options: argparse.Namespace) -> int:
    run = RUNS[name]._replace(**{"tail": options.tail} if options.tail and RUNS[name].tail else {})
    if run.tail:
        twin.deployed.deploy_tail(run.tail)
    if run.events:
        twin.deployed.take_events()
    twin.deployed.all_to_the_older()
    if run.asleep:
        twin.deployed.await_sleep()
    report = options.reports / f"{name}.html"
    print(f"\n{name}: {', '.join(run.users)} in the shape {run.shape}; {os.path.relpath(report)}", flush=True)
    words = asking(twin, run) | {"--run-name": name, "--report": report}
    return locust(run, words | ({"--stretch": options.stretch} if options.stretch else {}))


def asking(twin: LoadTwin, run: LoadRun) -> dict[str, object]:
    """Return the options by which Locust finds what is on a twin."""
    broker = {"--broker": f"{twin.url}/default/default", "--broker-header": BROKER_HEADER} if run.events else {}
    return {"--host": twin.url, "--host-header": HOST_HEADER, "--kubeconfig": twin.kubeconfig, **broker}


def locust(run: LoadRun, words: Mapping[str, object], *flags: str) -> int:
    """Let Locust make a run, in a process of its own, and return its exit code."""
    own = {
        "--stretch": run.stretch_ratio,
        "--tail": run.tail,
        "--recorded": run.recorded,
        "--stop-timeout": STOP_SECONDS,
    }
    said = [f"{word}={value}" for word, value in {**own, **words}.items()]
    quiet = ["--headless", "--only-summary", "--loglevel", "WARNING"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LOCUST_")}
    command = [sys.executable, "-m", "locust", "-f", run.files, *quiet, *said, *flags]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    run_to_an_end(main)
