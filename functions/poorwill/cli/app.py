"""All commands but `serve`, each imported when it is asked for: a row in COMMANDS adds one."""

from collections.abc import Mapping
from importlib import import_module

import click

from poorwill import __version__
from poorwill.errors import Fault, UsageError

# in the order in which they are first needed
COMMANDS = {
    "push": "registry_commands:push",
    "serve": "",  # goes its own, quicker way; see cli.main
    "predict": "predict:predict",
    "explain": "explain:explain",
    "up": "twin_commands:up",
    "down": "twin_commands:down",
    "image": "image_commands:image",
    "deploy": "deploy_command:deploy",
    "split": "delivery_commands:split",
    "rollback": "delivery_commands:rollback",
    "status": "cluster_commands:status",
    "logs": "cluster_commands:logs",
    "doctor": "cluster_commands:doctor",
    "delete": "delivery_commands:delete",
    "send": "event_commands:send",
    "listen": "event_commands:listen",
    "pipeline": "pipeline_commands:pipeline",
    "ci": "ci_command:ci",
    "runs": "run_commands:runs",
    "run": "run_commands:run",
    "replay": "run_commands:replay",
    "deadletters": "run_commands:deadletters",
    "models": "registry_commands:models",
    "versions": "registry_commands:versions",
    "show": "registry_commands:show",
    "pack": "registry_commands:pack",
    "alias": "registry_commands:alias",
    "verify": "registry_commands:verify",
    "keys": "keys_commands:keys",
    "lineage": "lineage_commands:lineage",
    "rm": "registry_commands:remove",
    "gc": "registry_commands:collect",
}


class _Commands(click.Group):
    def list_commands(self, context: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        if name == "serve":
            return click.Command(name, short_help="Serve one version over HTTP and CloudEvents.")
        module, _, attribute = COMMANDS.get(name, "").partition(":")
        if not module:
            return None
        command: click.Command = getattr(import_module(f"poorwill.cli.{module}"), attribute)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, message="%(prog)s %(version)s")
def poorwill() -> None:
    """Turn a trained model into a function that sleeps at zero cost and wakes in a blink."""


def run_command(arguments: list[str], environment: Mapping[str, str]) -> None:
    """Run one command; `environment` is what settings are read from.

    Raises:
        UsageError: click does not understand the arguments.
        KeyboardInterrupt: a person stopped it.
    """
    try:
        poorwill.main(arguments or ["--help"], prog_name="poorwill", standalone_mode=False, obj=environment)
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # a group by its own name; click < 8.2 has no such class
            click.echo(error.format_message())
            return
        path = error.ctx.command_path if error.ctx else "poorwill"
        fault = Fault(path, "a command line as its help has it", error.format_message(), f"see {path} --help")
        raise UsageError(fault) from None
