"""`make faults`: a twin under load, one fault after the other, and what callers saw; the exit code says it all.

python -m loadtests.faults [--seed 7] [--only FAULT ...] [--keep]
"""

import argparse
import secrets
import time

from functions.examples.ending import run_to_an_end

from loadtests.bench.machine import say, warn_if_busy
from loadtests.faults import limits
from loadtests.faults.harm import Struck, strike
from loadtests.faults.page import Whole
from loadtests.faults.publishing import publish_faults
from loadtests.faults.recovery import outside, recovered
from loadtests.faults.run import FAULTS, ground, under_load
from loadtests.faults.schedule import Fault, schedule
from loadtests.limits import table

LARGEST_SEED = 10_000
CROWD = 1000


def main() -> int:
    """Return the exit code: 0 when every limit was kept."""
    options = _options()
    warn_if_busy()
    struck: list[Struck] = []
    began = time.monotonic()
    blows = schedule(options.seed, [Fault[name] for name in options.only or Fault.__members__])
    say(f"seed {options.seed}: {', '.join(each.fault for each in blows)}")
    with ground(options.seed, options.crowd) as place:

        def strike_all() -> None:
            for blow in blows:
                say(f"{time.monotonic() - began:.0f} s: {blow.fault} ...")
                struck.append(strike(place, blow))

        asked = under_load(place.twin, FAULTS, strike_all)
    say(f"{time.monotonic() - began:.0f} s: all is done, {len(asked):,} requests are looked at")
    found = recovered(asked, struck)
    judged = limits.judge(found, outside(asked, struck), limits.read_faults())
    print(table(judged))
    publish_faults(Whole(options.seed, asked, struck, found, judged), keep=options.keep)
    return 0 if asked and all(line.kept for line in judged) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(LARGEST_SEED), help="of the schedule")
    names = list(Fault.__members__)
    parser.add_argument("--only", nargs="+", choices=names, metavar="FAULT", help=f"of {', '.join(names)}")
    parser.add_argument("--crowd", type=int, default=CROWD, help="callers of one wake")
    parser.add_argument("--keep", action="store_true", help="put the table into docs/faults.md")
    return parser.parse_args()


if __name__ == "__main__":
    run_to_an_end(main)
