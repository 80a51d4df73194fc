"""`poorwill lineage`: where a version came from, and where it serves."""

from pathlib import Path
from typing import Any

import click
import msgspec

from poorwill.cli.delivery_options import Asked, setting_option, with_cluster
from poorwill.errors import Fault, NotFoundError, PoorwillError


@click.command()
@click.argument("name", metavar="NAME@VERSION")
@click.option("--openlineage", is_flag=True, help="As OpenLineage's events, one a line.")
@click.option("--trusted-keys", "keys", default="", metavar="PATH", help="Public keys that may have signed it.")
@setting_option("store", "URL")
@with_cluster
def lineage(asked: Asked, name: str, keys: str, *, openlineage: bool) -> None:
    """Show how data became the version, by which steps, and who signed for that; on a cluster, also where it serves."""
    from poorwill.pipeline.lineage import lineage_document
    from poorwill.registry.names import parse_version_name
    from poorwill.registry.registry import Registry

    store = asked.store()
    record = Registry(store).resolve(parse_version_name(name))
    document = lineage_document(store, record, _trusted(keys or asked.settings.trusted_keys), _serving(asked, record))
    if not openlineage:
        asked.show(document, "show_lineage", "lineage_pages")
        return
    if document["run"] is None:
        fault = Fault(record.name, "a version that a pipeline registered", "no run of it", "see `poorwill runs`")
        raise NotFoundError(fault)
    from poorwill.pipeline.open_lineage import open_lineage

    for event in open_lineage(document["run"], asked.settings.store, record.name):
        click.echo(msgspec.json.encode(event))


def _trusted(path: str) -> Any:
    if not path:
        return ()
    from poorwill.registry.signing import read_trusted_keys

    return read_trusted_keys(Path(path))


def _serving(asked: Asked, record: Any) -> dict[str, Any] | None:
    """Return where the version serves, None where no cluster is at hand or it does not answer: it prints offline."""
    from poorwill.delivery.status import status

    try:
        models = status(asked.cluster(), record.model)
    except PoorwillError:
        return None
    for model in models:
        for version in model.versions:
            if version.version == record.version:
                return {"route": model.url, **version._asdict()}
    return None
