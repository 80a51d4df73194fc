"""`make soak`: the load of faults with models that sleep and wake, for long; is memory flat? The exit code says it all.

python -m loadtests.faults.soak [--seconds 600] [--keep]
"""

import argparse
import time

from functions.examples.ending import run_to_an_end

from loadtests import limits as load_limits
from loadtests.bench.machine import say, warn_if_busy
from loadtests.faults import flatness, limits
from loadtests.faults.publishing import publish_soak
from loadtests.faults.run import SOAK, ground, under_load
from loadtests.faults.sampler import Sample, Sampler
from loadtests.faults.soak_page import Soak
from loadtests.found import Found, Run, found_in
from loadtests.limits import Judged
from loadtests.timeline import Timeline

SOAK_SECONDS = 600.0
TELL_SECONDS = 60.0
LEAST_SECONDS = 30.0


def main() -> int:
    """Return the exit code: 0 when every limit was kept."""
    options = _options()
    warn_if_busy()
    samples: list[Sample] = []
    with ground(seed=0, crowd=0) as place:

        def wait() -> None:
            end = time.monotonic() + options.seconds
            with Sampler(place.twin, samples):
                while (left := end - time.monotonic()) > 0:
                    say(f"{left:.0f} s to go, {len(samples)} samples")
                    time.sleep(min(left, TELL_SECONDS))

        asked = under_load(place.twin, SOAK, wait)
    run = Run(asked, Timeline())
    curves = flatness.curves(samples)
    judged = [*_answers(found_in(run)), *flatness.judge(curves, limits.read_soak())]
    print(load_limits.table(judged))
    publish_soak(Soak(options.seconds, run, samples, curves, judged), keep=options.keep)
    return 0 if asked and all(line.kept for line in judged) else 1


def _answers(found: dict[str, Found]) -> list[Judged]:
    return [
        limits.at_most(kind, measure, 0, getattr(row, measure))
        for kind, row in found.items()
        for measure in ("errors", "lost", "wrong")
    ]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtests.faults.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SOAK_SECONDS, help=f"how long, from {LEAST_SECONDS:.0f} on")
    parser.add_argument("--keep", action="store_true", help="put table and plot into docs/faults.md")
    options = parser.parse_args()
    if not options.seconds >= LEAST_SECONDS:
        parser.error(
            f"wanted at least {LEAST_SECONDS:.0f} seconds, of which a slope can be told; found {options.seconds:g}"
        )
    return options


if __name__ == "__main__":
    run_to_an_end(main)
