"""The commands that look at a cluster: status, logs, doctor."""

import click
import msgspec

from poorwill.cli.delivery_commands import version_number
from poorwill.cli.delivery_options import Asked, setting_option, with_cluster
from poorwill.delivery.documents import status_document
from poorwill.errors import FailedError, Fault


@click.command()
@click.argument("model", default="")
@with_cluster
def status(asked: Asked, model: str) -> None:
    """Show what is deployed: versions, their share of the traffic, who sleeps."""
    from poorwill.delivery.status import status as look

    cluster = asked.cluster()
    asked.show(status_document(cluster.namespace, look(cluster, model)), "show_status")


@click.command()
@click.argument("name", metavar="MODEL@NUMBER")
@click.option("--follow", "-f", is_flag=True, help="Go on, with those of pods that wake later, too.")
@click.option("--tail", type=click.IntRange(0), metavar="LINES", help="The last lines of each process only.")
@with_cluster
def logs(asked: Asked, name: str, *, follow: bool, tail: int | None) -> None:
    """Show the log lines of all processes of a version."""
    from poorwill.delivery.logs import follow_logs, version_logs

    model, number = version_number(name, "poorwill logs")
    read = follow_logs if follow else version_logs
    lines = 0
    for lines, line in enumerate(read(asked.cluster(), model, number, tail_lines=tail), 1):  # noqa: B007 - counted
        click.echo(line.text if asked.output == "text" else msgspec.json.encode(line._asdict()))
    if not lines:
        asked.progress(f"{name} sleeps, or has not logged yet")


@click.command()
@setting_option("store", "URL")
@with_cluster
def doctor(asked: Asked) -> None:
    """Look for what is wrong with a cluster, a namespace and its versions."""
    from poorwill.delivery.doctor import Level, examine, worst

    cluster = asked.cluster()
    rows = examine(cluster, asked.settings.store)
    document = {"namespace": cluster.namespace, "worst": worst(rows), "checks": [row._asdict() for row in rows]}
    asked.show(document, "show_doctor")
    failed = dict.fromkeys(row.check for row in rows if row.level == Level.FAIL)
    if failed:
        raise FailedError(Fault("doctor", "nothing broken", ", ".join(failed), "do what the table says beside each"))
