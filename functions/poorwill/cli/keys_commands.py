"""The commands about keys that sign provenance: keys new."""

from pathlib import Path

import click


@click.group()
def keys() -> None:
    """Keys that sign where versions came from."""


@keys.command()
@click.argument("name")
@click.option("--folder", type=click.Path(path_type=Path), default=".", show_default=True, help="Where to write them.")
def new(name: str, folder: Path) -> None:
    """Make an Ed25519 key pair: NAME.key.pem signs and stays secret, NAME.pub.pem is for those who trust it."""
    from poorwill.registry.signing import new_key

    files = new_key(folder, name)
    click.echo(f"{files.private}  signs: POORWILL_SIGNING_KEY_FILE={files.private}; keep it secret")
    click.echo(f"{files.public}  is what others trust: POORWILL_TRUSTED_KEYS={files.public}")
    click.echo(f"key id {files.keyid}")
