"""`poorwill serve`: what a pod runs, so nothing is imported here that readiness doesn't wait for (no click)."""

import gc
import sys
from collections.abc import Mapping

from poorwill.errors import Fault, UsageError
from poorwill.serving.ledger import Ledger
from poorwill.settings import SERVED, read

USAGE = "poorwill serve [NAME@NUMBER | NAME@ALIAS] [options]"


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Serve until SIGTERM; return the exit code."""
    gc.disable()  # nothing of a start is garbage: 5 % of it would go into looking
    ledger = Ledger()
    if {"-h", "--help"} & set(arguments):
        sys.stdout.write(usage())
        return 0
    settings = read(environment, parse(arguments))
    from poorwill.serving.wake import wake

    awake = wake(settings, ledger)
    from poorwill.serving.carry import carry

    gc.freeze()
    gc.enable()
    carry(awake, announce=_announce if sys.stderr.isatty() else None)
    return 0


def parse(arguments: list[str]) -> dict[str, str]:
    """Return settings by name from `NAME@N`, `--flag value` and `--flag=value`.

    Raises:
        UsageError: with every argument that is not understood.
    """
    flags = {setting.flag: setting.name for setting in SERVED}
    given: dict[str, str] = {}
    faults = []
    rest = iter(enumerate(arguments, 1))
    for number, argument in rest:
        flag, equals, value = argument.partition("=")
        if not argument.startswith("-") and "model" not in given:
            given["model"] = argument
        elif flag not in flags:
            found = f"something else as word {number}"
            faults.append(Fault("poorwill serve", "one version and known options", found, "see --help"))
        elif equals:
            given[flags[flag]] = value
        else:
            following = next(rest, None)
            if following is None:
                faults.append(Fault(flag, "a value", "none", f"write {flag} VALUE"))
            else:
                given[flags[flag]] = following[1]
    if faults:
        raise UsageError(*faults)
    return given


def usage() -> str:
    """Return the help text, one line a setting."""
    lines = [f"Usage: {USAGE}", "", "Serve one version over HTTP and CloudEvents.", "", "Options (or variables):"]
    for setting in SERVED:
        default = f" [{setting.row.default} {setting.row.unit}".rstrip() + "]" if setting.row.default != "" else ""
        lines.append(f"  {setting.flag:<26} {setting.variable:<34} {setting.row.sentence}{default}")
    return "\n".join(lines) + "\n"


def _announce(name: str, url: str, ready_ms: float) -> None:
    """Tell a person at a terminal what to do next; logs go to stdout as ever."""
    sys.stderr.write(f"\n  {name} is ready after {ready_ms:.0f} ms at {url}\n\n")
    sys.stderr.write(f"  next:  curl {url}/v2/models/{name.partition('@')[0]}\n")
    sys.stderr.write(f"         poorwill explain cold-start --url {url}\n\n")
