"""A run on a cluster, in pods (knative/loadtests): one leads and judges, others ask, the page is shown at the end.

python -m loadtests.pod lead | work | show
"""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from loadtests.runs import HERE, RUNS

KEPT = Path("/tmp")  # noqa: S108 - the pod's own volume, from its first container to its second
REPORT, CODE = "report.html", "exit-code"
MASTER = "load-master"  # the Service
WAIT_SECONDS, STOP_SECONDS = 300, 60  # for nodes and images; for what is under way when the users go


def leading(environ: Mapping[str, str], kept: Path = KEPT) -> list[str]:
    """Return what Locust's master is told."""
    run = RUNS[environ["LOAD_RUN"]]
    said = {
        "run-name": environ["LOAD_RUN"],
        "report": kept / REPORT,
        "expect-workers": environ["LOAD_WORKERS"],
        "expect-workers-max-wait": WAIT_SECONDS,
        "stop-timeout": STOP_SECONDS,
        "host": environ["LOAD_HOST"],
        "host-header": environ["LOAD_HOST_HEADER"],
        "stretch": environ["LOAD_STRETCH"],
        "scale": environ["LOAD_SCALE"],
        "kubeconfig": "pod",
        "namespace": environ["POD_NAMESPACE"],
    }
    said |= {"tail": environ["LOAD_TAIL"]} if run.tail else {}
    said |= {"recorded": run.recorded} if run.recorded else {}
    said |= {"broker": environ["LOAD_BROKER"]} if run.events else {}
    own = [f"--{name}={value}" for name, value in said.items()]
    return ["-f", run.files, "--master", "--headless", "--only-summary", "--loglevel", "WARNING", *own]


def working(environ: Mapping[str, str]) -> list[str]:
    """Return what a worker is told; all else it learns from the master."""
    files = RUNS[environ["LOAD_RUN"]].files
    return ["-f", files, "--worker", f"--master-host={MASTER}", "--loglevel", "WARNING"]


def lead(environ: Mapping[str, str], kept: Path = KEPT) -> int:
    """Lead a run and keep its exit code; return 0, so that the page is shown however it went."""
    (kept / CODE).write_text(str(_locust(leading(environ, kept))))
    return 0


def show(kept: Path = KEPT) -> int:
    """Print the page of the run that was led, and return its exit code."""
    report = kept / REPORT
    sys.stdout.write(report.read_text() if report.exists() else "")
    return int((kept / CODE).read_text())


def _locust(words: list[str]) -> int:
    return subprocess.run([sys.executable, "-m", "locust", *words], cwd=HERE.parent, check=False).returncode


def main() -> int:
    """Return the exit code of the part that is named."""
    parts: dict[str, Callable[[], int]] = {
        "lead": lambda: lead(os.environ),
        "work": lambda: _locust(working(os.environ)),
        "show": show,
    }
    (word,) = sys.argv[1:] or ("",)
    if word not in parts:
        sys.stderr.write(__doc__ or "")
        return 2
    return parts[word]()


if __name__ == "__main__":
    sys.exit(main())
