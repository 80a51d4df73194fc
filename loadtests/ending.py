"""The end of a run: its limits as a table on stdout; report, picture and figures as files; whether all were kept."""

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from loadtests import figures, limits
from loadtests.commit import commit
from loadtests.found import Run, found_in, found_whole
from loadtests.processors import machine
from loadtests.report import report


def judge(run: Run, options: Any, faults: Sequence[str]) -> bool:
    """Print the table, write the files, and return whether the run was as it had to be.

    Args:
        run: that is over.
        options: Locust's, with ours.
        faults: of the run itself.
    """
    judged = []
    if options.run_name:
        judged = limits.judge(limits.read()[options.run_name], found_in(run), found_whole(run))
        print(limits.table(judged))
    for fault in faults:
        print(f"fault: {fault}")
    if options.report:
        title = f"Load: {options.run_name}" if options.run_name else "Load"
        facts = _facts(run, options)
        page = Path(options.report)
        page.write_bytes(report(title, run, judged, facts, faults))
        page.with_suffix(".svg").write_text(figures.run_picture(run, title))
        kept = {"facts": facts, "found": {kind: row._asdict() for kind, row in found_in(run).items()}}
        kept["limits"] = [line._asdict() for line in judged]
        page.with_suffix(".json").write_text(json.dumps(kept, indent=1))
    return bool(run.asked) and not faults and all(line.kept for line in judged)


def _facts(run: Run, options: Any) -> dict[str, str]:
    began = dt.datetime.fromtimestamp(run.begin_seconds, dt.UTC)
    files = ", ".join(Path(file).stem for file in options.locustfile.split(","))
    facts = {
        "began": f"{began:%Y-%m-%d %H:%M:%S} UTC",
        "lasted": f"{run.end_seconds - run.begin_seconds:.1f} s",
        "made of": files,
        "asked": f"{options.host} {options.host_header}".strip(),
        "load from": machine(),
    }
    known = commit()
    return facts | ({"commit": known} if known else {})
