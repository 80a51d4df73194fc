"""The commands that change what is on a cluster: split, rollback, delete."""

from typing import Any

import click

from poorwill.cli.delivery_options import DRY_RUN, Asked, confirmed, timeout, with_cluster
from poorwill.delivery.documents import changed_document
from poorwill.errors import Fault, UsageError

_YES = click.option("--yes", is_flag=True, help="Do not ask.")
_FORCE = click.option(
    "--force-conflicts", is_flag=True, help="Take the Route's traffic over from another manager, and nothing else."
)


@click.command()
@click.argument("model")
@click.argument("shares", nargs=-1, required=True, metavar="v1=90 v2=10 ...")
@_FORCE
@timeout(60)
@DRY_RUN
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
@timeout(60)
@_YES
@DRY_RUN
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
@timeout(60)
@_YES
@DRY_RUN
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
