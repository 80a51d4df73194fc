"""The commands for images of one's own: image build, image push."""

import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import msgspec

from poorwill import __version__
from poorwill.delivery.image.context import Base, Function, examine, stage
from poorwill.delivery.image.engine import ENGINES, choose_engine
from poorwill.delivery.image.reference import parse_reference
from poorwill.errors import Fault, NotFoundError
from poorwill.settings import Settings, read

_TWIN = "twin"
_TRAIN_IMAGE = f"ghcr.io/poorwill/train:{__version__}"
_LISTED = 20  # files that are named
_OUTPUT = click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
_ENGINE = click.option(
    "--engine",
    type=click.Choice([_TWIN, *ENGINES]),
    help="What builds.  [the twin where its folder is here, which needs no engine; else docker, else buildah]",
)


@click.group()
def image() -> None:
    """Make images with a function or a pipeline of your own."""


@image.command("build")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--tag", metavar="NAME", required=True, help="Of the image: [registry/]repository[:tag].")
@click.option(
    "--base",
    metavar="IMAGE",
    help=f"Poorwill's image that it is built upon.  [POORWILL_IMAGE; of a pipeline {_TRAIN_IMAGE}]",
)
@click.option(
    "--wheels-base",
    metavar="IMAGE",
    default=Base("").wheels,
    show_default=True,
    help="Debian that requirements.txt is fetched in, such as one that trusts your proxy.",
)
@_ENGINE
@_OUTPUT
@click.pass_obj
def build(  # noqa: PLR0913 - click hands every option over by name
    environment: Mapping[str, str] | None,
    *,
    folder: Path,
    tag: str,
    base: str | None,
    wheels_base: str,
    engine: str | None,
    output: str,
) -> None:
    """Build an image FROM Poorwill's with FOLDER in it: a function, or a pipeline (pipeline.yaml)."""
    settings = read(environment or {})
    function = examine(folder)
    if function.pipeline:
        from poorwill.pipeline.spec_file import read_spec

        read_spec(folder)
    upon = base or (_TRAIN_IMAGE if function.pipeline else settings.image)
    parse_reference(tag, "--tag")
    sys.stderr.write(f"{_listed(function)}\n")
    if _on_twin(settings, engine):
        if function.requirements:
            sys.stderr.write("requirements.txt: the twin runs functions with the packages that are installed here\n")
        with tempfile.TemporaryDirectory(prefix="poorwill-image-") as scratch:
            home = stage(function, Base(upon), Path(scratch))
            digest = _images(settings).register(tag, home)
        following = _next_of_pipeline(tag, digest) if function.pipeline else _next_on_twin(tag, digest)
        _show(output, {"name": tag, "id": digest, "engine": _TWIN}, f"{tag}  {digest}", following)
        return
    built = choose_engine(engine or "").build(function, tag, Base(upon, wheels_base))
    _show(output, built._asdict(), f"{built.name}  {built.id}", f"poorwill image push {tag}")


@image.command("push")
@click.argument("name")
@click.option("--plain-http", is_flag=True, help="Take a registry without TLS, such as one on this machine.")
@_ENGINE
@_OUTPUT
@click.pass_obj
def push(
    environment: Mapping[str, str] | None, *, name: str, plain_http: bool, engine: str | None, output: str
) -> None:
    """Push an image and print it by its digest, which is what a version service should name."""
    settings = read(environment or {})
    reference = parse_reference(name, "poorwill image push")
    if _on_twin(settings, engine):
        digest = _images(settings).digest(name)
        if digest is None:
            advice = f"`poorwill image build FOLDER --tag {name}`, or --engine for another"
            raise NotFoundError(Fault(name, "an image that was built on this twin", "none of that name", advice))
        pushed = {"name": name, "reference": reference.at(digest), "engine": _TWIN}
    else:
        pushed = choose_engine(engine or "").push(name, plain_http=plain_http)._asdict()
    _show(output, pushed, pushed["reference"], f"poorwill deploy NAME@VERSION --image {pushed['reference']}")


def _on_twin(settings: Settings, engine: str | None) -> bool:
    """Return whether the twin is meant: by its name, or as other commands find their cluster."""
    folder, kubeconfig = Path(settings.twin), settings.kubeconfig
    own = not kubeconfig or Path(kubeconfig).resolve() == Path(folder, "kubeconfig").resolve()
    return engine == _TWIN or (engine is None and own and folder.is_dir())


def _images(settings: Settings) -> Any:
    from poorwill.local.folder import TwinFolder
    from poorwill.local.pods.images import Images

    folder = TwinFolder(Path(settings.twin))
    folder.make()
    (folder.path / "images").mkdir(exist_ok=True)
    return Images(folder.path / "images")


def _next_on_twin(tag: str, digest: str) -> str:
    name = re.sub(r":[^:/@]*$", "", tag)
    return f"poorwill deploy NAME@VERSION --image {name}@{digest}"


def _next_of_pipeline(tag: str, digest: str) -> str:
    return f"name {re.sub(':[^:/@]*$', '', tag)}@{digest} in your kustomization (knative/pipeline/breast-cancer)"


def _listed(function: Function) -> str:
    """Return what goes into an image, for people to see what they did not mean to give away."""
    names = [file.as_posix() for file in function.files]
    more = [f"and {len(names) - _LISTED} more"] if len(names) > _LISTED else []
    return f"{len(names)} {'file goes' if len(names) == 1 else 'files go'} in: {', '.join([*names[:_LISTED], *more])}"


def _show(output: str, document: dict[str, Any], line: str, following: str) -> None:
    """Print the answer to stdout, and to a person what comes next."""
    if output == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2))
        return
    click.echo(line)
    if sys.stderr.isatty():
        sys.stderr.write(f"next:  {following}\n")
