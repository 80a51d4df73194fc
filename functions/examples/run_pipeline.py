"""The last part of `make run`: data arrives as an event, and becomes a signed version beside the one that serves."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
KUBECTL, PYTHON = Path(sys.executable).with_name("kubectl"), sys.executable
POORWILL = Path(sys.executable).with_name("poorwill")
KUBECONFIG = Path(".poorwill") / "kubeconfig"
IMAGE = "ghcr.io/poorwill/digits-pipeline:0.1.0"  # as knative/overlays/pipeline names it
READY_SECONDS = 120

Say = Callable[..., None]
"""Runs a command of Poorwill, and shows it."""


def learn(console: "Console", say: Say, environment: dict[str, str]) -> None:
    """Bring the pipeline up, send the event of some data, follow the run, and show what came of it."""
    console.print("\n[bold]Data arrives.[/] A pipeline of functions and events makes a version of it:\n")
    with TemporaryDirectory(prefix="poorwill-run-") as folder:
        public = Path(folder) / "release.pub.pem"
        if (known := _trusted(environment)) is None:
            say(console, "keys", "new", "release", "--folder", folder)
            _give_keys(Path(folder), environment)
        else:  # of a run before, whose version is this one, too
            public.write_text(known)
        say(console, "image", "build", str(HERE / "digits"), "--tag", IMAGE)
        _apply(console, environment)
        data = Path(folder) / "digits.csv"
        _run([PYTHON, HERE / "digits" / "train.py", data], environment)
        words = ["pipeline", "run", str(HERE / "digits"), str(data), "--events"]
        console.print("  $ poorwill pipeline run functions/examples/digits digits.csv --events\n")
        console.file.flush()
        _shown([POORWILL, *words], environment)
        console.print()
        _shown([POORWILL, "status", "digits"], environment)
        newest = _newest(environment)
        console.print(f"  $ poorwill lineage {newest} --trusted-keys release.pub.pem\n")
        console.file.flush()
        _shown([POORWILL, "lineage", newest, "--trusted-keys", public], environment)


def _trusted(environment: dict[str, str]) -> str | None:
    """Return the public key that the deploy function trusts, None where it has none yet."""
    words = ["get", "configmap", "poorwill-trusted-keys", "--ignore-not-found", "-o", "json"]
    found = _run([KUBECTL, *words], environment)
    return next(iter(json.loads(found)["data"].values())) if found.strip() else None


def _give_keys(folder: Path, environment: dict[str, str]) -> None:
    """Let the register function sign, and the deploy function trust it."""
    secret = ["secret", "generic", "poorwill-signing", f"--from-file=key.pem={folder / 'release.key.pem'}"]
    _run([KUBECTL, "create", *secret], environment)
    trusted = ["configmap", "poorwill-trusted-keys", f"--from-file={folder / 'release.pub.pem'}"]
    _run([KUBECTL, "create", *trusted], environment)


def _apply(console: "Console", environment: dict[str, str]) -> None:
    """Apply Broker, Triggers and functions as anybody would, by kubectl."""
    console.print("  $ kubectl apply --server-side -k knative/overlays/pipeline", end="", soft_wrap=True)
    overlay = ROOT / "knative" / "overlays" / "pipeline"
    _run([KUBECTL, "apply", "--server-side", "--force-conflicts", "-k", overlay], environment)
    kinds = "ksvc,sequence,broker,trigger,jobsink"
    _run([KUBECTL, "wait", "--for=condition=Ready", f"--timeout={READY_SECONDS}s", kinds, "--all"], environment)
    console.print("   [green]✓[/]")


def _newest(environment: dict[str, str]) -> str:
    found = json.loads(_run([POORWILL, "versions", "digits", "--output", "json"], environment))
    return f"digits@{max(version['version'] for version in found['versions'])}"


def _run(command: list[object], environment: dict[str, str]) -> str:
    """Run a command and return what it printed; what it says goes wrong ends all of this."""
    done = subprocess.run(
        [*map(str, command)],
        env=environment | {"KUBECONFIG": str(KUBECONFIG)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,  # so that Ctrl-C does not cut it short
    )
    if done.returncode:
        sys.stderr.write(f"\n{done.stderr}")
        raise SystemExit(done.returncode)
    return done.stdout


def _shown(command: list[object], environment: dict[str, str]) -> None:
    """Run a command on this very terminal, what it tells on the way included."""
    variables = environment | {"KUBECONFIG": str(KUBECONFIG)}
    done = subprocess.run([*map(str, command)], env=variables, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)
