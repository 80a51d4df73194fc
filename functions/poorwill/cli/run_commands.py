"""The commands that look at runs and dead letters, and send their events again."""

import os
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import click
import msgspec

from poorwill.cli.delivery_options import Asked, setting_option, with_cluster
from poorwill.cli.event_commands import sent
from poorwill.errors import Fault, NotFoundError, UsageError

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

    found = run_summaries(asked.store())
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

    document = run_document(asked.store(), name)
    if svg:
        svg.write_text(drawing(document))
        asked.progress(f"{svg} drawn")
    asked.show(document, "show_run", _PAGES)


@run.command("get")
@click.argument("name", metavar="RUN")
@click.argument("artifact")
@click.option("--to", "target", type=click.Path(path_type=Path), help="Where to write it.  [default: its name, here]")
@setting_option("store", "URL")
@with_cluster
def get(asked: Asked, name: str, artifact: str, target: Path | None) -> None:
    """Write what a step made, a report such as evaluation.html say, into a file."""
    from poorwill.pipeline.artifacts import save_artifact
    from poorwill.pipeline.run_store import find_steps, get_run

    store = asked.store()
    run_name = get_run(store, name).run
    made = {found.name: found for record in find_steps(store, run_name).values() for found in record.artifacts}
    if artifact not in made:
        found = f"only {', '.join(sorted(made))}" if made else "none: no step of that run has ended"
        raise NotFoundError(Fault(f"artifact of {name}", "one that it made", found, "see `poorwill run show`"))
    place = target or Path(artifact)
    try:
        place.unlink(missing_ok=True)
        save_artifact(store, made[artifact], place)
    except OSError as error:
        found = os.strerror(error.errno or 0).lower()
        raise UsageError(Fault("--to", "a file that can be written", found, "name another")) from None
    asked.progress(f"{place} written")


@click.command()
@click.argument("what", metavar="RUN|FILE")
@click.option("--anew", is_flag=True, help="With an id of its own: a new run. Else what was done stays done.")
@click.option("--broker", default="default", show_default=True, help="Which Broker of the namespace.")
@setting_option("store", "URL")
@with_cluster
def replay(asked: Asked, what: str, *, anew: bool, broker: str) -> None:
    """Send an event again: the one that began a run, or the one in a file (CloudEvents' JSON format)."""
    event = _event(asked, what)
    sent(asked, broker, msgspec.structs.replace(event, id=str(uuid4())) if anew else event)


@click.group()
def deadletters() -> None:
    """Look at events that could not be delivered, and send them again."""


@deadletters.command("list")
@setting_option("store", "URL")
@with_cluster
def list_(asked: Asked) -> None:
    """List the events that nobody took, the newest first."""
    from poorwill.pipeline.function.dead_letters import dead_letter_document, dead_letters

    found = map(dead_letter_document, dead_letters(asked.store()))
    asked.show(list(found), "show_dead_letters", _PAGES)


@deadletters.command("show")
@click.argument("letter", metavar="ID")
@setting_option("store", "URL")
@with_cluster
def show_dead_letter(asked: Asked, letter: str) -> None:
    """Print one of them, as CloudEvents' JSON format has it."""
    from poorwill.pipeline.function.dead_letters import find_dead_letter

    event = find_dead_letter(asked.store(), letter).event
    click.echo(msgspec.json.format(msgspec.json.encode(event), indent=2))


@deadletters.command()
@click.argument("letter", metavar="ID")
@click.option("--broker", default="default", show_default=True, help="Which Broker of the namespace.")
@setting_option("store", "URL")
@with_cluster
def resend(asked: Asked, letter: str, broker: str) -> None:
    """Send one of them to the Broker again, as the same event: what it has caused already is not done twice."""
    from poorwill.pipeline.function.dead_letters import find_dead_letter, revived

    sent(asked, broker, revived(find_dead_letter(asked.store(), letter)))


def _event(asked: Asked, what: str) -> "Event":
    from poorwill.events.codec import STRUCTURED, decode
    from poorwill.pipeline.chain import first_event
    from poorwill.pipeline.run_store import find_run

    if Path(what).is_file():
        _, (event,) = decode({"content-type": STRUCTURED}, Path(what).read_bytes())
        return event
    run = find_run(asked.store(), what)
    if run is None:
        fault = Fault("RUN|FILE", "a run of the store, or a file with an event", "neither", "see `poorwill runs`")
        raise NotFoundError(fault)
    return first_event(run)
