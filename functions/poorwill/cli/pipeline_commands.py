"""The commands that run pipelines: pipeline run, check, learn and drift."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from poorwill.cli.delivery_options import Asked, setting_option, with_cluster
from poorwill.errors import Fault, NotFoundError, UsageError

_SPEC = click.argument("spec", type=click.Path(path_type=Path), default="pipeline.yaml")


@click.group()
def pipeline() -> None:
    """From data to a deployed version: run a pipeline, check its spec, learn what its data looks like, see it drift."""


@pipeline.command("run")
@_SPEC
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--object", "key", default="", metavar="KEY", help="An object that lies in the data location already.")
@click.option("--resume", default="", metavar="RUN", help="A run that was interrupted, or waits.")
@click.option("--events", is_flag=True, help="Send the data's event to a Broker, and follow what the cluster does.")
@click.option("--broker", default="default", show_default=True, help="With --events: which Broker.")
@setting_option("store", "URL")
@setting_option("data", "URL")
@with_cluster
def run(asked: Asked, spec: Path, file: Path | None, **options: Any) -> None:
    """Take FILE, or an object that is there, through the pipeline SPEC, and show how it goes.

    Steps that were done before on the same data, code, parameters and environment are not done again. Interrupted
    runs go on with --resume.
    """
    from poorwill.cli.pipeline_running import Running, Wanted
    from poorwill.pipeline.step import StepFailedError

    wanted = Wanted(file, options["key"], options["resume"])
    if sum(map(bool, wanted)) != 1:
        advice = "poorwill pipeline run pipeline.yaml data.csv"
        raise UsageError(Fault("poorwill pipeline run", "a FILE, --object or --resume", "none, or several", advice))
    running = Running(asked, spec)
    document = running.by_events(wanted, options["broker"]) if options["events"] else running.here(wanted)
    if not running.shown:
        asked.show(document, "show_run", "pipeline_pages")
    if document["state"] == "failed":
        step = next(step for step in document["steps"] if step["state"] == "failed")
        reports = [gift["name"] for gift in step["gives"] if gift["name"].endswith(".html")]
        look = f"get {document['run']} {reports[0]}" if reports else f"show {document['run']}"
        fault = Fault(f"step {step['step']}", "a step that completes", "one that failed", f"see `poorwill run {look}`")
        raise StepFailedError(fault)


@pipeline.command()
@_SPEC
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def check(spec: Path, output: str) -> None:
    """Check the pipeline SPEC: every fault of it at once."""
    from poorwill.pipeline.spec_file import read_spec

    found = read_spec(spec)
    if output == "json":
        click.echo(msgspec.json.format(msgspec.json.encode({"digest": found.digest, "spec": found.spec}), indent=2))
        return
    names = " → ".join(step.step for step in found.spec.steps)
    click.echo(f"{found.spec.pipeline}: {names}, for the model {found.spec.model}")


@pipeline.command("drift")
@_SPEC
@click.option("--hours", type=click.FloatRange(0, min_open=True), default=24.0, show_default=True, help="How far back.")
@click.option("--page", type=click.Path(path_type=Path), help="Write the report into this HTML file, too.")
@setting_option("store", "URL")
@with_cluster
def drift(asked: Asked, spec: Path, hours: float, page: Path | None) -> None:
    """Hold what versions of the model of SPEC see and answer beside the data that they were made from.

    It wants versions that send samples (poorwill deploy --with sampled), and the function that keeps them.
    """
    from poorwill.pipeline.drift_look import Window, drift_report
    from poorwill.pipeline.drift_report import DriftedError
    from poorwill.pipeline.spec_file import read_spec

    pipeline_read = read_spec(spec)  # before the store: who has neither is told of the spec
    found, shown = drift_report(asked.store(), pipeline_read, Window(datetime.now(UTC), hours, "", ""))
    if page:
        page.write_bytes(shown)
        asked.progress(f"{page} written")
    asked.show(found, "show_drift", "pipeline_pages")
    if found.verdict == "fail":
        names = ", ".join(f"{found.model}@{version.version}" for version in found.versions if version.verdict == "fail")
        advice = "look at --page FILE; train on newer data"
        raise DriftedError(Fault(names, "what it was made from", "other inputs, answers or truths", advice))


@pipeline.command()
@_SPEC
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--to", "target", type=click.Path(path_type=Path), help="Where to.  [default: FILE.profile.json]")
def learn(spec: Path, file: Path, target: Path | None) -> None:
    """Write down what good data looks like, learnt from FILE; read it, change it, name it in validate's `profile`."""
    from poorwill.pipeline.data import learn_file
    from poorwill.pipeline.spec_file import read_spec

    if not file.is_file():
        raise NotFoundError(Fault("FILE", "a file to read", "none there", "check the path"))
    profile = learn_file(read_spec(spec).spec, file)
    place = target or file.with_name(f"{file.stem}.profile.json")
    place.write_bytes(msgspec.json.format(msgspec.json.encode(profile), indent=2) + b"\n")
    click.echo(f"{place} written; name it in the spec, beside validate: profile: {place.name}")
