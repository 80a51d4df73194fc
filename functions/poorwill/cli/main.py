"""The command `poorwill`: the one place that reads the environment, and that turns errors into exit codes."""

import os
import sys
from collections.abc import Mapping

from poorwill.errors import Fault, PoorwillError, UsageError

INTERRUPTED = 130  # 128 + SIGINT, as shells have it

# which extra brings a package that is not there
_EXTRAS = {
    "onnxruntime": "serve",
    "obstore": "serve",
    "httptools": "serve",
    "prometheus_client": "serve",
    "urllib3": "client",
    "lightkube": "deliver",
    "yaml": "deliver",
    "cloudevents": "client",
    "functions_framework": "framework",
    "flask": "framework",
}


def main() -> None:
    """Run the command line and exit."""
    # numpy's BLAS starts a thread for each CPU at its import, and nothing here calls it
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(run(sys.argv[1:], os.environ))


def run(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Run one command and return its exit code; what goes wrong is one block on stderr, never a trace."""
    try:
        if arguments[:1] == ["serve"]:  # a pod's command: click would cost its start 20 ms
            from poorwill.cli.serve import main as serve

            return serve(arguments[1:], environment)
        from poorwill.cli.app import run_command

        run_command(arguments, environment)
    except PoorwillError as error:
        return _told(error)
    except ModuleNotFoundError as error:
        return _told(_missing_package(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _told(error: PoorwillError) -> int:
    lines = [f"poorwill: {error.title}"]
    for fault in error.faults:
        rows = zip(("where", "wanted", "found", "next"), fault, strict=True)
        lines += ["", *(f"  {label:<7} {text}" for label, text in rows)]
    sys.stderr.write("\n".join(lines) + "\n")
    return error.exit_code


def _missing_package(error: ModuleNotFoundError) -> UsageError:
    name = (error.name or "").partition(".")[0]
    if name in {"", "poorwill"}:
        raise error
    advice = f"pip install 'poorwill[{_EXTRAS.get(name, 'cli')}]'"
    return UsageError(Fault("installation", f"the package {name}", "none of that name", advice))
