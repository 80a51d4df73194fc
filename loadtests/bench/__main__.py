"""Make the environments, visit every contender turn by turn, print the table and write it as JSON.

python -m loadtests.bench [--rounds 5] [--cold 4] [--seconds 4] [--readme]
"""

import argparse
import datetime as dt
import json
import platform
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from functions.examples.served import free_port

from loadtests.bench import environments, processes, wrk
from loadtests.bench.contenders import CONTENDERS, Contender, Place, ours
from loadtests.bench.image import ImageTimes, measure
from loadtests.bench.machine import BUILD, machine, push, say, warn_if_busy
from loadtests.bench.models import Sample, make_image, make_small
from loadtests.bench.report import Visit, markdown, replace_between_markers, summarize
from loadtests.bench.running import Running

PAGES = ("README.md", "docs/benchmarks.md")
MANY_CONNECTIONS = 64
WARM_SECONDS = 1


class Workplace(NamedTuple):
    """What every visit needs: the environments' bin folders by name, the store, the small model, a scratch folder."""

    bins: dict[str, Path]
    store: Path
    sample: Sample
    folder: Path

    def place(self, environment: str) -> Place:
        """Return a place with free ports."""
        return Place(self.bins[environment], self.store, free_port(), free_port())


def main() -> None:
    """Measure and report."""
    options = _options()
    BUILD.mkdir(parents=True, exist_ok=True)
    bins = {
        row.environment: environments.make(BUILD / row.environment, row.selection, sys.executable) for row in CONTENDERS
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small, image = make_small(folder), make_image(folder)
        for sample in (small, image):
            push(sample, folder / "store")
        workplace = Workplace(bins, folder / "store", small, folder)
        visits = list(_visits(workplace, options))
        times = _image_times(workplace, image)
    _publish(visits, times, readme=options.readme)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="visits of each contender with load")
    parser.add_argument("--cold", type=int, default=4, help="further visits for the cold start alone")
    parser.add_argument("--seconds", type=int, default=4, help="load at each number of connections")
    parser.add_argument("--readme", action="store_true", help=f"put the table into {' and '.join(PAGES)}")
    return parser.parse_args()


def _visits(workplace: Workplace, options: argparse.Namespace) -> Iterator[Visit]:
    """Visit every contender once a round, so that a noisy minute falls on all of them."""
    warn_if_busy()
    if not wrk.is_there():
        say(wrk.MISSING)
    for number in range(options.rounds + options.cold):
        seconds = options.seconds if wrk.is_there() and number < options.rounds else 0
        first = number % len(CONTENDERS)  # nobody always follows the same neighbour
        for contender in (*CONTENDERS[first:], *CONTENDERS[:first]):
            visit = _visit(contender, workplace, seconds)
            say(f"round {number + 1}: {contender.name}: cold {visit.cold_ms:.0f} ms" + _brief(visit))
            yield visit


def _visit(contender: Contender, workplace: Workplace, seconds: int) -> Visit:
    place = workplace.place(contender.environment)
    command = contender.command(place)
    with Running(command, workplace.sample, place, path=contender.path, folder=workplace.folder) as running:
        if not seconds:
            return Visit(contender.name, running.cold_ms)
        running.load(MANY_CONNECTIONS, WARM_SECONDS)
        one = running.load(1, max(2, seconds // 2))
        many = running.load(MANY_CONNECTIONS, seconds)
        running.check()  # still right after the load?
        return Visit(contender.name, running.cold_ms, processes.pss_mb(running.process.pid), one, many)


def _image_times(workplace: Workplace, image: Sample) -> ImageTimes:
    contender = CONTENDERS[0]
    place = workplace.place(contender.environment)
    path = f"/v2/models/{image.name}/infer"
    with Running(ours(place, image.name), image, place, path=path, folder=workplace.folder) as running:
        measure(running.port, image, turns=3)
        return measure(running.port, image)


def _publish(visits: list[Visit], times: ImageTimes, *, readme: bool) -> None:
    found = summarize(visits)
    now = dt.datetime.now(dt.UTC)
    command = "`make bench`" if not readme else "`make bench README=1`"
    header = f"{now:%Y-%m-%d}, {machine()}, Python {platform.python_version()}, {command}:"
    page = markdown(found, times, header=header)
    result = {
        "date": now.isoformat(),
        "machine": machine(),
        "visits": [_members(visit) for visit in visits],
        "image": times._asdict(),
    }
    (BUILD / "result.json").write_text(json.dumps(result, indent=1))
    if readme:
        for path in (environments.ROOT / page_name for page_name in PAGES):
            path.write_text(replace_between_markers(path.read_text(), page))
    say(f"every visit: {(BUILD / 'result.json').relative_to(environments.ROOT)}")
    print(page, end="")


def _members(visit: Visit) -> dict[str, Any]:
    loads = {"one": visit.one, "many": visit.many}
    return visit._asdict() | {name: load._asdict() if load else None for name, load in loads.items()}


def _brief(visit: Visit) -> str:
    return f", {visit.many.requests_per_second:,.0f} req/s" if visit.many else ""


if __name__ == "__main__":
    main()
