"""The registry's answers as people read them; each page takes the document that `--output json` prints."""

from collections.abc import Iterable
from typing import Any

from rich.table import Column, Table
from rich.text import Text

from poorwill.cli.page import new_console, new_table, print_table

_LABEL = 12  # characters
_UNITS = ("B", "kB", "MB", "GB", "TB")


def show_version(version: dict[str, Any]) -> None:
    """Print one version, and what to try next where that is known."""
    console = new_console()
    console.print(Text.assemble((version["name"], "bold green"), f"  stored {_time(version['created'])}\n"))
    facts = Table.grid(Column(min_width=_LABEL), Column(overflow="fold"))
    for label, text in _facts(version):
        facts.add_row(Text(f"  {label}", "dim"), text)
    console.print(facts)
    console.print(_signature(version["signature"]))
    if "next" in version:
        console.print(Text.assemble(("\n  next".ljust(_LABEL + 1), "dim"), (version["next"], "bold")), soft_wrap=True)


def show_packed(packed: dict[str, Any]) -> None:
    """Print a version's start pack, or why there is none."""
    console = new_console()
    for text in _pack_facts(packed):
        console.print(Text.assemble((packed["name"], "bold green"), f"  {text}"), soft_wrap=True)


def show_models(models: list[dict[str, Any]]) -> None:
    """Print all models."""
    if not models:
        new_console().print("no models yet; push one: poorwill push model.onnx --name NAME")
        return
    rows = []
    for model in models:
        aliases = ", ".join(f"{alias} → {version}" for alias, version in model["aliases"].items())
        numbers = model["versions"]
        rows.append((model["model"], f"{len(numbers)}, last {numbers[-1]}", aliases, _time(model["created"])))
    print_table(("model", "versions", "aliases", "latest"), rows)


def show_versions(model: dict[str, Any]) -> None:
    """Print a model's versions."""
    table = new_table("version", "aliases", "created", "size", "digest")
    for entry in model["versions"]:
        aliases = ", ".join(alias for alias, version in model["aliases"].items() if version == entry["version"])
        name = f"{model['model']}@{entry['version']}"
        table.add_row(name, aliases, _time(entry["created"]), _size(entry["size_bytes"]), entry["digest"][:19] + "…")
    new_console().print(table)


def show_alias(alias: dict[str, Any]) -> None:
    """Print where an alias points now."""
    new_console().print(f"{alias['model']}@{alias['alias']} → {alias['model']}@{alias['version']}")


def show_verified(verified: dict[str, Any]) -> None:
    """Print how much was read, and how much of it was bad."""
    size = _size(verified["size_bytes"])
    found = f"{len(verified['damages'])} damaged" if verified["damages"] else "all as they were stored"
    new_console().print(f"{verified['versions']} versions, {verified['blobs']} blobs, {size}: {found}")


def show_removed(removed: dict[str, Any]) -> None:
    """Print what was removed, and how its bytes go."""
    new_console().print(f"{removed['name']} removed; `poorwill gc` deletes its bytes where no other version names them")


def show_collected(collected: dict[str, Any]) -> None:
    """Print what was deleted."""
    size = _size(collected["size_bytes"])
    new_console().print(f"{collected['blobs']} blobs deleted, {size}; {collected['kept']} kept")


def _time(moment: str) -> str:
    return f"{moment[:19].replace('T', ' ')} UTC"


def _facts(version: dict[str, Any]) -> Iterable[tuple[str, str]]:
    yield "digest", version["blob"]["digest"]
    files = [version["blob"], *version["external_data"]]
    names = ", ".join(file["name"] for file in version["external_data"])
    yield "size", _size(sum(file["size_bytes"] for file in files)) + (f" with {names}" if names else "")
    opsets = ", ".join(f"{domain or 'ai.onnx'} {number}" for domain, number in version["opset"].items())
    yield "opset", f"{opsets} (IR {version['ir_version']})"
    yield "producer", version["producer"] or "not named"
    if "warm_up_ms" in version:
        kind = "your sample" if version["sample_request"] else "inputs made from the signature"
        yield "warm-up", f"{version['warm_up_ms']:.2f} ms on {kind}"
    if version.get("aliases"):
        yield "aliases", ", ".join(version["aliases"])
    for text in _pack_facts(version):
        yield "pack", text


def _pack_facts(version: dict[str, Any]) -> Iterable[str]:
    if version.get("no_pack"):
        yield f"none: {version['no_pack']}"
    for pack in version.get("packs", ()):
        machine = pack["machine"]
        newest = [feature for feature in machine["features"] if feature.startswith(("avx", "amx", "sve", "asimddp"))]
        kind = " ".join((machine["architecture"], *newest))
        session = f"a session in {pack['pack_ms']:.1f} ms instead of {pack['plain_ms']:.1f}"
        size = _size(pack["graph"]["size_bytes"] + pack["data"]["size_bytes"])
        yield f"{session}, {size}, for onnxruntime {machine['onnxruntime']} on {kind}"


def _signature(signature: dict[str, Any]) -> Table:
    table = Table.grid(Column(min_width=_LABEL - 2), *[Column(overflow="fold") for _ in range(3)], padding=(0, 2, 0, 0))
    for role in ("inputs", "outputs"):
        table.add_row("")
        for position, spec in enumerate(signature[role]):
            label = "" if position else f"  {role}"
            table.add_row(Text(label, "dim"), spec["name"], spec["datatype"], _shape(spec["shape"]))
    return table


def _shape(shape: list[int | str] | None) -> str:
    if shape is None:
        return "any"
    return f"[{', '.join('any' if size == -1 else str(size) for size in shape)}]"


def _size(size_bytes: float) -> str:
    for unit in _UNITS[:-1]:
        if size_bytes < 1000:
            return f"{size_bytes:.3g} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.3g} {_UNITS[-1]}"
