"""What every run under Locust has: its options, what was asked, what the cluster showed, the judgement at the end.

Importing this hooks it into Locust; users and shapes do, so that no command line has to name it.
"""

import logging
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gevent
from locust import events
from locust.runners import MasterRunner, WorkerRunner

from loadtests import ending, watch
from loadtests.asked import write
from loadtests.found import Run
from loadtests.recorder import Recorder
from loadtests.timeline import Timeline
from loadtests.wanted_split import Wanted
from poorwill.delivery.cluster import Cluster
from poorwill.delivery.split import split
from poorwill.delivery.traffic import parse_split
from poorwill.errors import PoorwillError

LOOK_SECONDS = 0.25
MODEL = "digits"  # whose split is changed
RECORDER = Recorder()
"""Of this process; users add what they asked."""
_timeline = Timeline()
_wanted: list[Wanted] = []
_faults: list[str] = []
_clusters: list[Cluster] = []  # the one that is looked at, if one is


@events.init_command_line_parser.add_listener
def add_options(parser: Any) -> None:
    """Add what a run of Poorwill's wants to know to Locust's own options."""
    group = parser.add_argument_group("Poorwill")
    group.add_argument("--run-name", default="", help="its limits in limits.yaml; empty judges nothing")
    group.add_argument("--host-header", default="", help="Host of a model, such as {model}.default.example.com")
    group.add_argument("--report", default="", help="HTML file to write")
    group.add_argument("--stretch", type=float, default=1.0, help="how much longer stages are than the shape says")
    group.add_argument("--scale", type=float, default=1.0, help="how many times the shape's users there are")
    group.add_argument("--tail", type=int, default=0, help="models of the long tail")
    group.add_argument("--recorded", default="", help="log of requests to replay")
    group.add_argument("--versions", default="1,2", help="older and newer version of a split")
    group.add_argument("--kubeconfig", default="", help="cluster to look at; pod is the one around this pod")
    group.add_argument("--asked", default="", help="file that gets every request, one a line, as JSON")
    group.add_argument("--until", default="", help="file that ends a held load by being there")
    group.add_argument("--namespace", default="default", help="that models are in")


@events.init.add_listener
def begin(environment: Any, runner: Any, **_: Any) -> None:
    """Have workers hand over what they asked, the master take it; look at the cluster, if there is one to look at."""
    if isinstance(runner, WorkerRunner):
        environment.events.report_to_master.add_listener(lambda client_id, data: RECORDER.give(data))  # noqa: ARG005
        return
    if isinstance(runner, MasterRunner):
        environment.events.worker_report.add_listener(lambda client_id, data: RECORDER.take(data))  # noqa: ARG005
    options = environment.parsed_options
    if options.kubeconfig:
        _clusters.append(watch.connect(options.kubeconfig, options.namespace))
        gevent.spawn(_look_on, _clusters[0])


def change_split(versions: Sequence[str], percents: Sequence[int]) -> None:
    """Give versions these shares of the traffic, without holding up who asks."""
    gevent.spawn(_change_split, versions, percents)


@events.quitting.add_listener
def end(environment: Any, **_: Any) -> None:
    """Judge the run where it was led from: the table, the report, the exit code."""
    if isinstance(environment.runner, WorkerRunner):
        return
    environment.process_exit_code = 1  # also where the judgement itself fails
    options = environment.parsed_options
    if options.asked:
        write(Path(options.asked), RECORDER.asked)
    timeline = _timeline.only({one.model for one in RECORDER.asked})
    run = Run(RECORDER.asked, timeline, _wanted, model=MODEL, models=options.tail)
    if ending.judge(run, options, _faults):
        environment.process_exit_code = 0
    logging.getLogger("locust.stats_logger").disabled = True  # Locust's own tables tell warm from cold nowhere


def _look_on(cluster: Cluster) -> None:
    paid, is_told = watch.prices(), False
    while True:
        try:
            _timeline.add(watch.look(cluster, paid))
            is_told = False
        except PoorwillError as error:  # a look that failed is one less
            if not is_told:
                print(f"load: {error}", file=sys.stderr)
            is_told = True
        gevent.sleep(LOOK_SECONDS)


def _change_split(versions: Sequence[str], percents: Sequence[int]) -> None:
    if not _clusters:
        _faults.append("a split can't be changed without --kubeconfig")
        return
    words = [f"v{version}={percent}" for version, percent in zip(versions, percents, strict=True)]
    try:
        split(_clusters[0], MODEL, parse_split(words))
    except PoorwillError as error:
        _faults.append(f"split {' '.join(words)}: {error}")
        return
    _wanted.append(Wanted(time.time(), dict(zip(versions, percents, strict=True))))
