"""`poorwill explain`: what a version says about itself, drawn for people."""

from collections.abc import Mapping

import click
import msgspec

from poorwill.cli.token_option import with_token
from poorwill.client import Client
from poorwill.errors import Fault, UsageError
from poorwill.serving.ledger import Report
from poorwill.serving.timeline import draw
from poorwill.settings import SETTINGS, read

_URL = "http://127.0.0.1:8080"
_STORE = next(setting for setting in SETTINGS if setting.name == "store")

_with_output = click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)


@click.group()
def explain() -> None:
    """Explain what a version does."""


@explain.command("cold-start")
@click.option("--url", default=_URL, show_default=True, help="Where the version is served.")
@_with_output
@with_token
def cold_start(*, url: str, output: str, token: str) -> None:
    """Show where the time between process start and first answer went."""
    with Client(url, token=token) as client:
        body = client.get("/cold-start")
    click.echo(body.decode() if output == "json" else draw(msgspec.json.decode(body, type=Report)))


@explain.command("batching")
@click.argument("name", metavar="[NAME@VERSION]", default="")
@click.option("--store", metavar="URL", help=f"{_STORE.row.sentence}  [{_STORE.variable}; {_STORE.row.default}]")
@click.option("--url", help=f"Where a version is served, to ask it instead.  [default: {_URL}]")
@_with_output
@with_token
@click.pass_context
def batching(context: click.Context, *, name: str, store: str | None, url: str | None, output: str, token: str) -> None:
    """Show whether requests that come at once share runs of the model, and why: NAME@VERSION is timed here."""
    from poorwill.serving.batching import report

    if name and url:
        raise UsageError(Fault("poorwill explain batching", "a version or --url", "both", "leave out one"))
    if name:
        body = _timed_here(context.obj or {}, name, store)
    else:
        with Client(url or _URL, token=token) as client:
            body = client.get("/batching")
    told = msgspec.json.decode(body, type=report.Report)
    click.echo(body.decode() if output == "json" else report.draw(told))


def _timed_here(environment: Mapping[str, str], name: str, store: str | None) -> bytes:
    """Start a version in this process, time it, and return what it says."""
    from poorwill.serving.batching.report import report
    from poorwill.serving.wake import wake

    flags = {"model": name} | ({"store": store} if store else {})
    application = wake(read(environment, flags)).application
    assert application.sharing is not None  # noqa: S101 - every start gives one
    application.sharing.choice.time()
    return msgspec.json.encode(report(application.served, application.sharing, {}))
