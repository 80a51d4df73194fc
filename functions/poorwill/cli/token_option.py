"""The credential that commands show to a server: from the environment or a file, never from the command line."""

from collections.abc import Callable
from functools import update_wrapper
from pathlib import Path
from typing import Any

import click

from poorwill.errors import Fault, NotFoundError
from poorwill.settings import SETTINGS, read

_ROWS = {setting.name: setting for setting in SETTINGS}


def with_token(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the option --token-file, and hand it the credential as `token`, "" for none."""

    @click.pass_context
    def wrapped(context: click.Context, /, token_file: str | None, **options: Any) -> None:
        settings = read(context.obj or {}, {"token_file": token_file} if token_file else None)
        chosen = token_file or not settings.token
        token = _read(settings.token_file) if chosen and settings.token_file else settings.token
        command(**options, token=token)

    update_wrapper(wrapped, command)  # with the options that it has already
    setting = _ROWS["token_file"]
    variables = f"{setting.variable}; or {_ROWS['token'].variable} with the text itself"
    option = click.option(setting.flag, metavar="FILE", help=f"{setting.row.sentence}  [{variables}]")
    return option(wrapped)


def _read(path: str) -> str:
    try:
        return Path(path).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        where = f"{_ROWS['token_file'].flag} ({_ROWS['token_file'].variable})"
        fault = Fault(where, "a file with an API key or a JWT", "none to read", "check the path")
        raise NotFoundError(fault) from None
