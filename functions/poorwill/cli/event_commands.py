"""The commands that send events."""

import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import click

from poorwill.cli.delivery_options import Asked, with_cluster
from poorwill.errors import Fault, NotFoundError, UsageError
from poorwill.events.attributes import build
from poorwill.events.event import Event
from poorwill.telemetry import now

_SOURCE = "/poorwill/cli"
_JSON = "application/json"


@click.command()
@click.argument("type_", metavar="TYPE")
@click.option("--data", "payload", default="", metavar="TEXT", help="The payload: JSON, @FILE, or - for stdin.")
@click.option("--subject", default="", help="What it is about.")
@click.option("--source", default=_SOURCE, show_default=True, help="Who it is from, a URI-reference.")
@click.option("--id", "id_", default="", help="With the source what makes it one event.  [default: a new one]")
@click.option("--attribute", "extensions", multiple=True, metavar="NAME=VALUE", help="An extension; may be repeated.")
@click.option("--content-type", default=_JSON, show_default=True, help="Of the payload.")
@click.option("--broker", default="default", show_default=True, help="Which Broker of the namespace.")
@with_cluster
def send(asked: Asked, type_: str, payload: str, broker: str, **attributes: Any) -> None:
    """Send an event of TYPE to a Broker.

    A model that a Trigger leads to is asked by the type dev.poorwill.prediction.requested, say, with an infer request
    as its data.
    """
    sent(asked, broker, _event(type_, _payload(payload), **attributes))


def sent(asked: Asked, broker: str, event: Event) -> None:
    """Send an event to a Broker of the namespace, and show it."""
    from poorwill.delivery.sending import send_event

    cluster = asked.cluster()
    send_event(cluster, broker, event)
    shown = {"broker": f"{cluster.namespace}/{broker}", "type": event.type, "source": event.source, "id": event.id}
    asked.show(shown, "show_sent")


def _event(  # noqa: PLR0913 - CloudEvents' attributes
    type_: str,
    data: bytes,
    *,
    subject: str,
    source: str,
    id_: str,
    extensions: tuple[str, ...],
    content_type: str,
) -> Event:
    """Return the event of the command line; UsageError with all that is wrong with it."""
    faults: list[Fault] = []
    given = {name: value for name, equals, value in (word.partition("=") for word in extensions) if equals}
    if len(given) < len(extensions):
        faults.append(Fault("--attribute", "NAME=VALUE, each name once", "something else", "write it so"))
    known = {
        "specversion": "1.0",
        "id": id_ or str(uuid4()),
        "source": source,
        "type": type_,
        "subject": subject or None,
        "time": now(),
        "datacontenttype": content_type if data else None,
    }
    event = build(given | known, data or None, "", faults)
    if event is None or faults:
        raise UsageError(*faults)
    return event


def _payload(text: str) -> bytes:
    if text == "-":
        return sys.stdin.buffer.read()
    if not text.startswith("@"):
        return text.encode()
    try:
        return Path(text[1:]).read_bytes()
    except OSError:
        raise NotFoundError(Fault("--data", "a file to read", "none", "check the path")) from None
