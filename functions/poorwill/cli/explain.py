"""`poorwill explain`: what a running version says about itself, drawn for people."""

import click
import msgspec

from poorwill.cli.token_option import with_token
from poorwill.client import Client
from poorwill.serving.ledger import Report
from poorwill.serving.timeline import draw


@click.group()
def explain() -> None:
    """Explain what a running version does."""


@explain.command("cold-start")
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="Where the version is served.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@with_token
def cold_start(*, url: str, output: str, token: str) -> None:
    """Show where the time between process start and first answer went."""
    with Client(url, token=token) as client:
        body = client.get("/cold-start")
    click.echo(body.decode() if output == "json" else draw(msgspec.json.decode(body, type=Report)))
