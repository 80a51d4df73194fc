"""The command deploy: a version, or a model's file as its next one, onto a cluster, and traffic to it."""

from pathlib import Path
from typing import Any

import click

from poorwill.cli.delivery_options import DRY_RUN, Asked, setting_option, timeout, with_cluster
from poorwill.delivery.documents import changed_document, deployed_document
from poorwill.errors import Fault, UsageError
from poorwill.registry.names import parse_version_name
from poorwill.registry.records import VersionName
from poorwill.registry.registry import Registry
from poorwill.settings import SETTINGS

_IMAGE_AS_EVER = next(setting.row.default for setting in SETTINGS if setting.name == "image")
_ALL_AT_ONCE = "File of a model: pushed as the next version of the model NAME first, unless its newest is that file."


@click.command()
@click.argument("what", metavar="NAME@VERSION | FILE")
@setting_option("store", "URL")
@setting_option("image", "IMAGE")
@click.option("--name", metavar="NAME", help=f"Take FILE for a model's. {_ALL_AT_ONCE}")
@click.option("--sample", type=click.Path(path_type=Path), help="With --name: an infer request in JSON, the warm-up.")
@click.option("--pack/--no-pack", default=True, show_default=True, help="With --name: try a start pack.")
@click.option(
    "--percent", type=click.IntRange(0, 100), help="What it gets of the model's traffic; others give in proportion."
)
@click.option("--from", "start", type=click.Path(path_type=Path), help="File or kustomization with a version service.")
@click.option(
    "--with", "components", multiple=True, metavar="COMPONENT", help="Of knative/components, over it; may be repeated."
)
@click.option("--wait/--no-wait", default=True, show_default=True, help="Wait until it is Ready, or say why not.")
@timeout(320)
@DRY_RUN
@with_cluster
def deploy(
    asked: Asked,
    what: str,
    *,
    name: str | None,
    sample: Path | None,
    pack: bool,
    percent: int | None,
    **options: Any,
) -> None:
    """Bring a version onto a cluster; a model's first version gets its traffic.

    With --name, FILE is pushed first; with --percent, the version gets that share once it is Ready.
    """
    from poorwill.delivery.deploy import DeployOptions
    from poorwill.delivery.deploy import deploy as bring

    _check(options, pushes=name is not None, moves=percent is not None)
    if name is None:
        _check_no_file(what, sample)
    image = "" if asked.settings.image == _IMAGE_AS_EVER else asked.settings.image
    wanted = DeployOptions(image=image, store=asked.settings.store, **options)
    cluster, pushed = asked.cluster(), None
    registry = Registry(asked.store(create=name is not None))
    if name is None:
        version = parse_version_name(what)
    else:
        version, pushed = _pushed(asked, registry, (Path(what), name, sample), pack=pack)
    done = bring(cluster, registry, version, wanted, asked.progress)
    moved = None
    if percent is not None:
        moved = _moved(asked, cluster, version, percent, options["timeout_seconds"])
        done = done._replace(traffic=moved.after, route_url=moved.url)
    document = deployed_document(done)
    if asked.output == "json":
        document |= {"pushed": pushed} if pushed else {}
        document |= {"split": changed_document(moved)} if moved else {}
    asked.show(document, "show_deployed")
    if moved and asked.output != "json":
        asked.show(changed_document(moved), "show_changed")


def _check(options: dict[str, Any], *, pushes: bool, moves: bool) -> None:
    """Refuse what can't be meant together, before anything is done."""
    faults = []
    if options["dry_run"] and (pushes or moves):
        advice = "leave --dry-run out, or try `poorwill deploy NAME@VERSION --dry-run` alone"
        faults.append(Fault("--dry-run", "no --name and no --percent", "one of them", advice))
    if moves and not options["wait"]:
        advice = "leave --no-wait out, or move traffic later with `poorwill split`"
        faults.append(Fault("--percent", "to wait until it is Ready", "--no-wait", advice))
    if faults:
        raise UsageError(*faults)


def _check_no_file(what: str, sample: Path | None) -> None:
    """Refuse what only a file's push can mean, where no model is named that it would be a version of."""
    faults = []
    if "@" not in what and (Path(what).suffix == ".onnx" or Path(what).is_file()):
        faults.append(Fault("--name", "the model that the file is a version of", "none", "add --name NAME"))
    if sample is not None:
        advice = "add --name NAME to push a file with it, or leave --sample out"
        faults.append(Fault("--sample", "a file that is pushed", "a version that is there", advice))
    if faults:
        raise UsageError(*faults)


def _pushed(
    asked: Asked, registry: Registry, model: tuple[Path, str, Path | None], *, pack: bool
) -> tuple[VersionName, dict[str, Any] | None]:
    """Return the version of a file, and what its push says; None where the newest version is that file."""
    from poorwill.cli.registry_commands import pushed_document, request_of

    file, name, sample = model
    request = request_of(sample)
    known = registry.pushed(file, name, request.request if request else None)
    if known:
        asked.progress(f"{known.name}: is of that file already")
        return VersionName(name, known.version, None), None
    document = pushed_document(pushed := registry.push(file, name, sample=request, pack=pack))
    asked.progress(f"{pushed.record.name}: pushed")
    if asked.output != "json":
        asked.show(document, "show_version", pages="registry_pages")
    return VersionName(name, pushed.record.version, None), document


def _moved(asked: Asked, cluster: Any, version: VersionName, percent: int, timeout_seconds: float) -> Any:
    """Return what became of the model's traffic; a version that has its share already keeps it."""
    from poorwill.delivery.split import carry_out, plan_split, spec_traffic
    from poorwill.delivery.traffic import Split, joined, split_of
    from poorwill.kinds.kind import ROUTE

    route = cluster.get(ROUTE, version.model)
    now = split_of(version.model, spec_traffic(route)) if route else Split(())
    number = version.version or 0
    wanted = now if number in now.versions and now.percent(number) == percent else joined(now, number, percent)
    plan = plan_split(cluster, version.model, wanted)
    return carry_out(cluster, plan, timeout_seconds=timeout_seconds, progress=asked.progress)
