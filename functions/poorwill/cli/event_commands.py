"""The commands that send events, and show those that come."""

import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import click
import msgspec

from poorwill.cli.delivery_options import Asked, with_cluster
from poorwill.errors import Fault, NotFoundError, UsageError
from poorwill.events.attributes import build
from poorwill.events.event import Event
from poorwill.events.payload import JSON
from poorwill.telemetry import now

SOURCE = "/poorwill/cli"
"""Who events are from that a command sends."""


@click.command()
@click.argument("type_", metavar="TYPE")
@click.option("--data", "payload", default="", metavar="TEXT", help="The payload: JSON, @FILE, or - for stdin.")
@click.option("--subject", default="", help="What it is about.")
@click.option("--source", default=SOURCE, show_default=True, help="Who it is from, a URI-reference.")
@click.option("--id", "id_", default="", help="With the source what makes it one event.  [default: a new one]")
@click.option("--attribute", "extensions", multiple=True, metavar="NAME=VALUE", help="An extension; may be repeated.")
@click.option("--content-type", default=JSON, show_default=True, help="Of the payload.")
@click.option("--broker", default="default", show_default=True, help="Which Broker of the namespace.")
@with_cluster
def send(asked: Asked, type_: str, payload: str, broker: str, **attributes: Any) -> None:
    """Send an event of TYPE to a Broker.

    A model that a Trigger leads to is asked by the type dev.poorwill.prediction.requested, say, with an infer request
    as its data.
    """
    sent(asked, broker, _event(type_, _payload(payload), **attributes))


@click.command()
@click.option("--broker", default="default", show_default=True, help="Which Broker of the namespace.")
@click.option("--type", "type_", default="", help="Only events of this type.")
@click.option("--attribute", "attributes", multiple=True, metavar="NAME=VALUE", help="Only with this; may be repeated.")
@click.option("--count", type=click.IntRange(1), help="End after so many.")
@with_cluster
def listen(asked: Asked, broker: str, type_: str, attributes: tuple[str, ...], count: int | None) -> None:
    """Show the events that a Broker gets, from now on until Ctrl-C.

    A small Service and a Trigger are made for it, and are gone afterwards.
    """
    from contextlib import closing
    from itertools import islice

    from poorwill.delivery.listening import listen as hear

    faults: list[Fault] = []
    wanted = _pairs(attributes, faults) | ({"type": type_} if type_ else {})
    if faults:
        raise UsageError(*faults)
    with closing(hear(asked.cluster(), broker, wanted, progress=asked.progress)) as heard:
        for event in islice(heard, count):
            asked.show(event, "show_event") if asked.output == "text" else click.echo(msgspec.json.encode(event))
            sys.stdout.flush()


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
    given = _pairs(extensions, faults)
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


def _pairs(words: tuple[str, ...], faults: list[Fault]) -> dict[str, str]:
    given = {name: value for name, equals, value in (word.partition("=") for word in words) if equals}
    if len(given) < len(words):
        faults.append(Fault("--attribute", "NAME=VALUE, each name once", "something else", "write it so"))
    return given


def _payload(text: str) -> bytes:
    if text == "-":
        return sys.stdin.buffer.read()
    if not text.startswith("@"):
        return text.encode()
    try:
        return Path(text[1:]).read_bytes()
    except OSError:
        raise NotFoundError(Fault("--data", "a file to read", "none", "check the path")) from None
