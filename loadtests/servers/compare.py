"""Measure every server in one run, and print a Markdown table.

    python -m loadtests.servers.compare WORK [--rounds 5] [--seconds 3] [--only bjoern]

WORK is a scratch folder: an environment for each contender, the model, logs. Needs uv and wrk. Rounds visit one
contender after the other, so that what else the machine does falls on all; medians over rounds, lowest and highest.
"""

import argparse
import os
import platform
import shutil
import socket
import statistics
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from loadtests.bench.models import Sample, make_small
from loadtests.bench.running import Measured, Running, open_inference
from loadtests.servers import probes
from loadtests.servers.contenders import CONTENDERS, INFER, MODEL, ROOT, Contender

CONNECTIONS = 64
COLD_STARTS = 3  # a visit's; the load follows the last


class Visit(NamedTuple):
    """One contender in one round."""

    colds_ms: list[float]
    pss_mb: float
    load: Measured


def install(contender: Contender, folder: Path) -> Path:
    """Return the bin folder of an environment with the contender and nothing else."""
    environment = folder / "environments" / "".join(c if c.isalnum() else "-" for c in contender.name)
    marker = environment / "ready"
    ours = any(str(ROOT) in requirement for requirement in contender.requires)  # a copy of what may have changed
    if ours or not marker.exists():
        uv = shutil.which("uv") or "uv"
        shutil.rmtree(environment, ignore_errors=True)
        subprocess.run([uv, "venv", "--quiet", str(environment)], check=True)
        into = ("--quiet", "--compile-bytecode", "--link-mode", "copy", "--python", str(environment / "bin" / "python"))
        subprocess.run([uv, "pip", "install", *into, *MODEL, *contender.requires], check=True)
        marker.touch()
    return environment / "bin"


def start(contender: Contender, bin_folder: Path, sample: Sample, folder: Path) -> Running:
    """Start a contender on a free port, and wait for its first correct answer."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    return Running(contender.command(bin_folder, port), sample, port, form=open_inference(INFER), folder=folder)


def visit(launch: Callable[[], Running], seconds: int) -> Visit:
    """Start a contender some times, then load it."""
    colds_ms = []
    for _ in range(COLD_STARTS - 1):
        with launch() as running:
            colds_ms.append(running.cold_ms)
    with launch() as running:
        load = running.load(CONNECTIONS, seconds)
        if load.errors:
            raise RuntimeError(f"{load.errors} requests failed")
        return Visit([*colds_ms, running.cold_ms], running.pss_mb(), load)


def probe(launch: Callable[[], Running]) -> list[str]:
    """Return the yes and no columns."""
    with launch() as running:
        questions = (probes.limits_before_the_body, probes.ends_slow_clients, probes.answers_beside_a_slow_request)
        return [*(question(running) for question in questions), probes.drains_on_sigterm(running)]


def span(values: Sequence[float], digits: int = 0) -> str:
    """Return the median with the lowest and the highest."""
    median, low, high = (f"{value:,.{digits}f}" for value in (statistics.median(values), min(values), max(values)))
    return f"{median} ({low}-{high})"


def row(contender: Contender, visits: Sequence[Visit], answers: Sequence[str]) -> str:
    """Return one line of the table."""
    cells = (
        contender.name,
        span([cold for one in visits for cold in one.colds_ms]),
        span([one.load.requests_per_second for one in visits]),
        span([one.load.p99_ms for one in visits], 1),
        span([one.load.cpu_us for one in visits], 1),
        span([one.pss_mb for one in visits]),
        *answers,
        contender.released,
    )
    return f"| {' | '.join(cells)} |"


HEADINGS = (
    "server",
    "cold start, ms",
    f"requests/s, {CONNECTIONS} connections",
    "p99, ms",
    "CPU, us a request",
    "PSS, MB",
    "limit before the body",
    "ends slow clients",
    "light beside heavy",
    "drains on SIGTERM",
    "last release",
)


def main() -> None:
    """Install, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--only", action="append", help="part of a name; may be given again")
    options = parser.parse_args()
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    chosen = [one for one in CONTENDERS if not options.only or any(part in one.name for part in options.only)]
    sample = make_small(folder)

    def launcher(contender: Contender) -> Callable[[], Running]:
        bin_folder = install(contender, folder)
        return lambda: start(contender, bin_folder, sample, folder)

    launches = {contender: launcher(contender) for contender in chosen}
    answers = {contender: probe(launch) for contender, launch in launches.items()}
    visits: dict[Contender, list[Visit]] = {contender: [] for contender in chosen}
    for _ in range(options.rounds):
        for contender, launch in launches.items():
            visits[contender].append(visit(launch, options.seconds))
    today = datetime.now(tz=UTC).date()
    print(f"{today}, Python {platform.python_version()}, {os.cpu_count()} CPUs, {options.rounds} rounds\n")
    print(f"| {' | '.join(HEADINGS)} |\n|{'---|' * len(HEADINGS)}")
    for contender in chosen:
        print(row(contender, visits[contender], answers[contender]))


if __name__ == "__main__":
    main()
