"""The commands that look at runs and begin them again: runs, run show, replay."""

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import click
import msgspec

from poorwill.cli.delivery_options import Asked, setting_option, with_cluster
from poorwill.errors import Fault, NotFoundError

if TYPE_CHECKING:
    from poorwill.events.event import Event

_PAGES = "pipeline_pages"


@click.command()
@click.option("--pipeline", default="", metavar="NAME", help="Those of one pipeline only.")
@setting_option("store", "URL")
@with_cluster
def runs(asked: Asked, pipeline: str) -> None:
    """List the runs of pipelines, the newest first."""
    from poorwill.pipeline.run_document import run_summaries
    from poorwill.store.opening import open_store

    found = run_summaries(open_store(asked.settings.store))
    asked.show([run for run in found if pipeline in {"", run["pipeline"]}], "show_runs", _PAGES)


@click.group()
def run() -> None:
    """Look at one run."""


@run.command("show")
@click.argument("name", metavar="RUN")
@click.option("--svg", type=click.Path(path_type=Path), help="Draw it into this file, too.")
@setting_option("store", "URL")
@with_cluster
def show(asked: Asked, name: str, svg: Path | None) -> None:
    """Show one run: its steps, what each took and gave, and what was wrong."""
    from poorwill.cli.run_drawing import drawing
    from poorwill.pipeline.run_document import run_document
    from poorwill.store.opening import open_store

    document = run_document(open_store(asked.settings.store), name)
    if svg:
        svg.write_text(drawing(document))
        asked.progress(f"{svg} drawn")
    asked.show(document, "show_run", _PAGES)


@click.command()
@click.argument("what", metavar="RUN|FILE")
@click.option("--anew", is_flag=True, help="With an id of its own: a new run. Else what was done stays done.")
@click.option("--broker", default="default", show_default=True, help="Which Broker of the namespace.")
@setting_option("store", "URL")
@with_cluster
def replay(asked: Asked, what: str, *, anew: bool, broker: str) -> None:
    """Send an event again: the one that began a run, or the one in a file (CloudEvents' JSON format)."""
    from poorwill.delivery.sending import send_event

    event = _event(asked, what)
    if anew:
        event = msgspec.structs.replace(event, id=str(uuid4()))
    cluster = asked.cluster()
    send_event(cluster, broker, event)
    sent = {"broker": f"{cluster.namespace}/{broker}", "type": event.type, "source": event.source, "id": event.id}
    asked.show(sent, "show_sent")


def _event(asked: Asked, what: str) -> "Event":
    from poorwill.events.codec import STRUCTURED, decode
    from poorwill.pipeline.chain import first_event
    from poorwill.pipeline.run_store import find_run
    from poorwill.store.opening import open_store

    if Path(what).is_file():
        _, (event,) = decode({"content-type": STRUCTURED}, Path(what).read_bytes())
        return event
    run = find_run(open_store(asked.settings.store), what)
    if run is None:
        fault = Fault("RUN|FILE", "a run of the store, or a file with an event", "neither", "see `poorwill runs`")
        raise NotFoundError(fault)
    return first_event(run)
