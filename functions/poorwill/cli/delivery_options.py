"""What all commands have that talk to a cluster: which one, where in it, and how they answer."""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

import click
import msgspec

from poorwill.errors import UsageError
from poorwill.settings import SETTINGS, Settings, read

_ROWS = {setting.name: setting for setting in SETTINGS}
_FLAGS = ("kubeconfig", "namespace", "store", "data", "image", "twin")

Command = Callable[..., None]

DRY_RUN = click.option("--dry-run", is_flag=True, help="Let the cluster check it, and change nothing.")


def timeout(default_seconds: float) -> Callable[[Command], Command]:
    """Return the option of how long a command waits."""
    return click.option(
        "--timeout",
        "timeout_seconds",
        type=click.FloatRange(0),
        default=default_seconds,
        show_default=True,
        metavar="SECONDS",
        help="How long to wait until it is Ready.",
    )


class Asked(NamedTuple):
    """The options that these commands have."""

    settings: Settings
    context: str
    output: str

    def cluster(self) -> Any:
        """Return the cluster that is meant, open until the command ends; see delivery.kubeconfig.choose."""
        from poorwill.delivery.cluster import Cluster
        from poorwill.delivery.kubeconfig import choose

        source = choose(self.settings.kubeconfig, self.context, self.settings.twin)
        cluster = Cluster.connect(source, namespace=self.settings.namespace)
        click.get_current_context().call_on_close(cluster.close)
        return cluster

    def store(self, *, create: bool = False) -> Any:
        """Return the store that is meant; see open_store."""
        from poorwill.store.opening import open_store

        return open_store(self.settings.store, create=create)

    def show(self, document: Any, page: str, pages: str = "delivery_pages") -> None:
        """Print a document as JSON, or for people as the page of that name in one of the modules beside this one."""
        if self.output == "json":
            click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2))
            return
        # not sooner: rich takes 100 ms to import
        getattr(import_module(f"poorwill.cli.{pages}"), page)(msgspec.to_builtins(document))

    def progress(self, line: str) -> None:
        """Tell a person who waits; the answer alone goes to stdout."""
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def with_cluster(command: Callable[..., None]) -> Command:
    """Give a command the options of a cluster, and hand them over as its first argument."""

    @click.pass_context
    def wrapped(context: click.Context, /, output: str, **options: Any) -> None:
        named = options.pop("context") or ""
        given = {name: options.pop(name) for name in _FLAGS if name in options}
        settings = read(context.obj or {}, {name: value for name, value in given.items() if value})
        command(Asked(settings, named, output), **options)

    wrapped.__doc__ = command.__doc__
    for option in (
        click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True),
        click.option("--context", metavar="NAME", help="Context of the kubeconfig, or of ~/.kube/config."),
        setting_option("kubeconfig", "FILE"),
        setting_option("namespace", "NAME"),
    ):
        wrapped = option(wrapped)
    return wrapped


def setting_option(name: str, metavar: str) -> Callable[[Command], Command]:
    """Return the option of a setting, with what its row says."""
    setting = _ROWS[name]
    default = f"; {setting.row.default}" if setting.row.default else ""
    return click.option(setting.flag, metavar=metavar, help=f"{setting.row.sentence}  [{setting.variable}{default}]")


def confirmed(*, yes: bool, what: str) -> None:
    """Return once a person at the terminal has agreed, or --yes has.

    Raises:
        UsageError: nobody is there to ask.
        KeyboardInterrupt: they did not agree.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        from poorwill.errors import Fault

        raise UsageError(
            Fault(what, "--yes, or a person who agrees", "no terminal to ask at", "add --yes, or --dry-run")
        )
    click.confirm(f"{what}?", abort=True, err=True)
