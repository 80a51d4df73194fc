"""The commands of the registry: push, pack, models, versions, show, alias, verify, rm, gc."""

import shlex
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import click
import msgspec

from poorwill.errors import CorruptError, Fault, NotFoundError, UsageError
from poorwill.registry.names import parse_version_name
from poorwill.registry.pack_store import KeptPack, Packed
from poorwill.registry.push import Pushed, Sample
from poorwill.registry.records import VersionName
from poorwill.registry.registry import Registry
from poorwill.registry.verify import Damage
from poorwill.settings import SETTINGS, read
from poorwill.store.opening import open_store

_STORE = next(setting for setting in SETTINGS if setting.name == "store")

Command = Callable[..., None]
Page = Callable[[Any], None]


class _Asked(NamedTuple):
    """The options that all of these commands have."""

    url: str
    given: bool  # on the command line, so that the next command needs it too
    output: str
    trusted_keys: str

    def open(self, *, create: bool = False) -> Registry:
        return Registry(open_store(self.url, create=create))

    def show(self, document: Any, page: str) -> None:
        """Print a document as JSON, or as the page of that name for people."""
        if self.output == "json":
            click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2))
            return
        from poorwill.cli import registry_pages  # rich takes 100 ms to import

        getattr(registry_pages, page)(msgspec.to_builtins(document))

    @property
    def store_flag(self) -> str:
        return f" --store {shlex.quote(self.url)}" if self.given else ""


def _with_store(command: Callable[..., None]) -> Command:
    """Give a command --store and --output, and hand both over as its first argument."""

    @click.pass_context
    def wrapped(context: click.Context, /, store: str | None, output: str, **options: Any) -> None:
        settings = read(context.obj or {}, {"store": store} if store else None)
        command(_Asked(settings.store, store is not None, output, settings.trusted_keys), **options)

    wrapped.__doc__ = command.__doc__
    store_help = f"{_STORE.row.sentence}  [{_STORE.variable}; {_STORE.row.default}]"
    with_output = click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
    return click.option("--store", metavar="URL", help=store_help)(with_output(wrapped))


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="The model's name, a DNS label such as digits.")
@click.option("--sample", type=click.Path(path_type=Path), help="An infer request in JSON: the warm-up.")
@click.option("--pack/--no-pack", default=True, show_default=True, help="Try a start pack for this machine's CPU.")
@_with_store
def push(asked: _Asked, file: Path, name: str, sample: Path | None, *, pack: bool) -> None:
    """Store the ONNX model FILE as the next version of a model."""
    pushed = asked.open(create=True).push(file, name, sample=request_of(sample), pack=pack)
    document = pushed_document(pushed)
    if asked.output == "text":
        document["next"] = f"poorwill serve {pushed.record.name}{asked.store_flag}"
    asked.show(document, "show_version")


@click.command()
@click.argument("name", metavar="NAME@VERSION")
@_with_store
def pack(asked: _Asked, name: str) -> None:
    """Make a version's start pack for the CPU and the onnxruntime of this machine, if it gains time."""
    registry = asked.open()
    record = registry.resolve(parse_version_name(name))
    asked.show({"name": record.name} | _packed(registry.pack(record, _decode)), "show_packed")


@click.command()
@_with_store
def models(asked: _Asked) -> None:
    """List the models."""
    asked.show(
        [
            {
                "model": summary.model,
                "versions": [entry.version for entry in summary.versions],
                "aliases": summary.aliases,
                "created": summary.versions[-1].created,
            }
            for summary in asked.open().models()
        ],
        "show_models",
    )


@click.command()
@click.argument("name")
@_with_store
def versions(asked: _Asked, name: str) -> None:
    """List the versions of the model NAME, and its aliases."""
    found = asked.open().versions(name)
    asked.show({"model": found.model, "versions": found.versions, "aliases": found.aliases}, "show_versions")


@click.command()
@click.argument("name", metavar="NAME@VERSION")
@_with_store
def show(asked: _Asked, name: str) -> None:
    """Show one version, by number or alias."""
    registry = asked.open()
    record = registry.resolve(parse_version_name(name))
    aliases = registry.versions(record.model).aliases
    names = [alias for alias, version in aliases.items() if version == record.version]
    packs = {"packs": [_pack(kept) for kept in registry.packs(record)]}
    asked.show({"name": record.name, "aliases": names} | msgspec.to_builtins(record) | packs, "show_version")


@click.command()
@click.argument("name")
@click.argument("alias")
@click.argument("version", type=click.IntRange(1))
@click.option("--expected", type=click.IntRange(0), help="Where it must point now (0: nowhere), else nothing changes.")
@_with_store
def alias(asked: _Asked, name: str, alias: str, version: int, expected: int | None) -> None:
    """Point ALIAS of the model NAME at a VERSION."""
    asked.open().alias(name, alias, version, expected=expected)
    asked.show({"model": name, "alias": alias, "version": version}, "show_alias")


@click.command()
@click.argument("name", default="")
@click.option("--trusted-keys", default="", metavar="PATH", help="Public keys, of which one must have signed each.")
@_with_store
def verify(asked: _Asked, name: str, trusted_keys: str) -> None:
    """Check every blob of the model NAME, or of all models, against its digest, and each statement of provenance."""
    registry = asked.open()
    verified, trusted = registry.verify(name), trusted_keys or asked.trusted_keys
    verified = verified._replace(damages=(*verified.damages, *_chain_damages(asked, registry, name, trusted)))
    asked.show(verified._asdict() | {"damages": [damage._asdict() for damage in verified.damages]}, "show_verified")
    if verified.damages:
        raise CorruptError(*(_fault(damage) for damage in verified.damages))


@click.command("rm")
@click.argument("name", metavar="NAME@NUMBER")
@_with_store
def remove(asked: _Asked, name: str) -> None:
    """Remove a version; its number is never given again."""
    found = parse_version_name(name)
    asked.open().remove(found.model, _number(found))
    asked.show({"name": name, "state": "removed"}, "show_removed")


@click.command("gc")
@click.option("--grace-seconds", type=click.FloatRange(0), default=3600.0, show_default=True, help="Younger ones stay.")
@_with_store
def collect(asked: _Asked, grace_seconds: float) -> None:
    """Delete blobs that no version names any more."""
    asked.show(asked.open().gc(grace_seconds=grace_seconds)._asdict(), "show_collected")


def request_of(path: Path | None) -> Sample | None:
    """Return the sample that a file holds; NotFoundError where there is none to read."""
    return Sample(_sample(path), _decode) if path else None


def pushed_document(pushed: Pushed) -> dict[str, Any]:
    """Return what a push says in JSON."""
    document = {"name": pushed.record.name, "warm_up_ms": round(pushed.warm_up_ms, 3)}
    document |= msgspec.to_builtins(pushed.record)
    return document | (_packed(pushed.packed) if pushed.packed else {})


def _packed(packed: Packed) -> dict[str, Any]:
    return {"packs": [_pack(packed.pack)] if packed.pack else [], "no_pack": packed.words}


def _pack(kept: KeptPack) -> dict[str, Any]:
    built: dict[str, Any] = msgspec.to_builtins(kept.record)
    return {"digest": kept.digest} | built


def _fault(damage: Damage) -> Fault:
    advice = "push the same file again, which stores its blobs anew; else remove the version"
    if damage.part.startswith("start pack"):
        advice = "`poorwill pack` makes it anew, on a machine of its kind; until then the model itself is loaded"
    if damage.part.startswith("provenance"):
        advice = "register it anew by its pipeline, or name the key that signed it"
    return Fault(f"{damage.version}, {damage.part}", damage.wanted, damage.found, advice)


def _chain_damages(asked: _Asked, registry: Registry, name: str, trusted_keys: str) -> Iterator[Damage]:
    """Yield what of the provenance of a model's versions, or of all, does not hold."""
    from poorwill.pipeline.lineage import chain_damages

    trusted: Any = ()
    if trusted_keys:
        from poorwill.registry.signing import read_trusted_keys

        trusted = read_trusted_keys(Path(trusted_keys))
    store = open_store(asked.url)
    for summary in [registry.versions(name)] if name else registry.models():
        for entry in summary.versions:
            with suppress(CorruptError):  # the registry has told
                record = registry.resolve(VersionName(summary.model, entry.version, None))
                yield from chain_damages(store, record, trusted)


def _number(name: VersionName) -> int:
    if name.version is None:
        raise UsageError(Fault("poorwill rm", "name@number", "an alias", "give the number that it points at"))
    return name.version


def _sample(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        fault = Fault("--sample", "a file with an infer request in JSON", "none to read", "check the path")
        raise NotFoundError(fault) from None


def _decode(request: bytes, signature: Any) -> Any:
    from poorwill.serving.protocol.infer_decode import InferDecoder

    return InferDecoder(signature).decode(request).inputs
