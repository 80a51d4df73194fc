"""The commands that change a cluster: deploy, split, rollback, delete."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from poorwill.cli.delivery_options import Asked, Command, confirmed, setting_option, with_cluster
from poorwill.delivery.documents import changed_document, deployed_document
from poorwill.errors import Fault, UsageError
from poorwill.settings import SETTINGS

_DRY_RUN = click.option("--dry-run", is_flag=True, help="Let the cluster check it, and change nothing.")
_YES = click.option("--yes", is_flag=True, help="Do not ask.")
_FORCE = click.option(
    "--force-conflicts", is_flag=True, help="Take the Route's traffic over from another manager, and nothing else."
)
_IMAGE_AS_EVER = next(setting.row.default for setting in SETTINGS if setting.name == "image")


def _timeout(default_seconds: float) -> Callable[[Command], Command]:
    return click.option(
        "--timeout",
        "timeout_seconds",
        type=click.FloatRange(0),
        default=default_seconds,
        show_default=True,
        metavar="SECONDS",
        help="How long to wait until it is Ready.",
    )


@click.command()
@click.argument("name", metavar="NAME@VERSION")
@setting_option("store", "URL")
@setting_option("image", "IMAGE")
@click.option("--from", "start", type=click.Path(path_type=Path), help="File or kustomization with a version service.")
@click.option(
    "--with", "components", multiple=True, metavar="COMPONENT", help="Of knative/components, over it; may be repeated."
)
@click.option("--wait/--no-wait", default=True, show_default=True, help="Wait until it is Ready, or say why not.")
@_timeout(320)
@_DRY_RUN
@with_cluster
def deploy(asked: Asked, name: str, **options: Any) -> None:
    """Bring a version onto a cluster; a model's first version gets its traffic."""
    from poorwill.delivery.deploy import DeployOptions
    from poorwill.delivery.deploy import deploy as bring
    from poorwill.registry.names import parse_version_name
    from poorwill.registry.registry import Registry
    from poorwill.store.opening import open_store

    image = "" if asked.settings.image == _IMAGE_AS_EVER else asked.settings.image
    store = asked.settings.store
    wanted = DeployOptions(image=image, store=store, **options)
    registry = Registry(open_store(store))
    done = bring(asked.cluster(), registry, parse_version_name(name), wanted, asked.progress)
    asked.show(deployed_document(done), "show_deployed")


@click.command()
@click.argument("model")
@click.argument("shares", nargs=-1, required=True, metavar="v1=90 v2=10 ...")
@_FORCE
@_timeout(60)
@_DRY_RUN
@with_cluster
def split(asked: Asked, model: str, shares: tuple[str, ...], *, force_conflicts: bool, **options: Any) -> None:
    """Give each version its share of a MODEL's traffic, in percent."""
    from poorwill.delivery.split import carry_out, plan_split
    from poorwill.delivery.traffic import parse_split

    wanted = parse_split(shares)
    cluster = asked.cluster()
    plan = plan_split(cluster, model, wanted)._replace(takes_over=force_conflicts)
    done = carry_out(cluster, plan, progress=asked.progress, **options)
    asked.show(changed_document(done), "show_changed")


@click.command()
@click.argument("model")
@_FORCE
@_timeout(60)
@_YES
@_DRY_RUN
@with_cluster
def rollback(asked: Asked, model: str, *, force_conflicts: bool, yes: bool, **options: Any) -> None:
    """Bring back a MODEL's last good split."""
    from poorwill.delivery.rollback import plan_rollback
    from poorwill.delivery.split import carry_out

    cluster = asked.cluster()
    plan = plan_rollback(cluster, model)._replace(takes_over=force_conflicts)
    asked.progress(f"Route {model}: {plan.before} -> {plan.after}")
    if not options["dry_run"]:
        confirmed(yes=yes, what=f"roll {model} back")
    done = carry_out(cluster, plan, progress=asked.progress, **options)
    asked.show(changed_document(done), "show_changed")


@click.command()
@click.argument("name", metavar="MODEL[@NUMBER]")
@click.option("--with-traffic", is_flag=True, help="A whole model though it has traffic: its callers find nothing.")
@_FORCE
@_timeout(60)
@_YES
@_DRY_RUN
@with_cluster
def delete(asked: Asked, name: str, *, with_traffic: bool, force_conflicts: bool, yes: bool, **options: Any) -> None:
    """Take a version without traffic, or a whole MODEL with its Route, off the cluster; the registry keeps them."""
    from poorwill.delivery.removal import plan_model_removal, plan_version_removal, remove

    model, number = version_number(name, "poorwill delete") if "@" in name else (name, None)
    cluster = asked.cluster()
    if number:
        plan = plan_version_removal(cluster, model, number, takes_over=force_conflicts)
    else:
        plan = plan_model_removal(cluster, model, with_traffic=with_traffic)
    goes = [f"Route {model} with all its traffic"] if plan.route else []
    goes += [f"Service {service}" for service in plan.services]
    asked.progress(f"to be deleted from {cluster.namespace}: {', '.join(goes)}")
    if not options["dry_run"]:
        confirmed(yes=yes, what=f"delete {name}")
    done = remove(cluster, plan, progress=asked.progress, **options)
    asked.show(done._asdict(), "show_deleted")


def version_number(name: str, command: str) -> tuple[str, int]:
    """Return model and number of `digits@3`; a cluster knows no aliases."""
    from poorwill.registry.names import parse_version_name

    found = parse_version_name(name)
    if found.version is None:
        advice = "`poorwill versions` tells at which number it points"
        raise UsageError(Fault(command, "name@number", "an alias, which no cluster knows", advice))
    return found.model, found.version
