"""docker and buildah, whichever works here, by their own commands: build a context, push an image, say its digest."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from poorwill.delivery.image.context import BUILD_FILE, Base, Function, stage
from poorwill.delivery.image.reference import Reference, parse_reference
from poorwill.errors import FailedError, Fault, NotFoundError, UnavailableError, UsageError

ENGINES = ("docker", "buildah")
_ASK_SECONDS, _WORK_SECONDS = 20, 1800
_LAST_LINES = 8

Run = Callable[..., subprocess.CompletedProcess[str]]


class Built(NamedTuple):
    """An image on this machine."""

    name: str
    id: str  # sha256:<hex> of its configuration
    engine: str


class Pushed(NamedTuple):
    """An image in a registry."""

    name: str
    reference: str  # by digest: what a version service is to name
    engine: str


class Engine:
    """A container engine of this machine.

    Args:
        name: docker or buildah.
        run: of subprocess.
    """

    def __init__(self, name: str, run: Run = subprocess.run) -> None:
        self.name = name
        self._run = run

    def build(self, function: Function, name: str, base: Base) -> Built:
        """Build an image of a function and return it.

        Raises:
            FailedError: the engine's last words.
        """
        parse_reference(name, "--tag")
        parse_reference(base.image, "--base")
        parse_reference(base.wheels, "--wheels-base")
        with tempfile.TemporaryDirectory(prefix="poorwill-image-") as folder:
            stage(function, base, Path(folder))
            verb = ["build"] if self.name == "docker" else ["build-using-dockerfile"]
            options = ["--quiet", "--file", str(Path(folder, BUILD_FILE)), "--tag", name, folder]
            done = self._do("build", [*verb, *options])
        words = done.stdout.split()
        found = words[-1].removeprefix("sha256:") if words else ""
        return Built(name, f"sha256:{found}", self.name)

    def push(self, name: str, *, plain_http: bool = False) -> Pushed:
        """Push an image to the registry that its name has, and return it by its digest.

        Args:
            name: with registry and tag.
            plain_http: take a registry without TLS, such as one on this machine.

        Raises:
            FailedError: the engine's last words.
        """
        reference = parse_reference(name, "poorwill image push")
        if reference.pinned:
            raise UsageError(Fault("poorwill image push", "a name by tag", "one by digest", "it is there already"))
        digest = self._push_buildah(name, plain_http=plain_http) if self.name == "buildah" else self._push_docker(name)
        if not re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
            fault = Fault(name, "a digest from the registry", "none", f"push it with {self.name} to see what it says")
            raise FailedError(fault)
        return Pushed(name, reference.at(digest), self.name)

    def _push_buildah(self, name: str, *, plain_http: bool) -> str:
        with tempfile.TemporaryDirectory(prefix="poorwill-image-") as folder:
            file = Path(folder, "digest")
            trust = [f"--tls-verify={'false' if plain_http else 'true'}"]
            self._do("push", ["push", *trust, "--digestfile", str(file), name, f"docker://{name}"])
            return file.read_text().strip() if file.is_file() else ""

    def _push_docker(self, name: str) -> str:
        """Push by the daemon, which knows by itself which registries have no TLS: those of loopback."""
        self._do("push", ["push", "--quiet", name])
        done = self._do("push", ["image", "inspect", "--format", "{{json .RepoDigests}}", name])
        wanted = _expanded(parse_reference(name, "name"))
        listed: Any = msgspec.json.decode(done.stdout or "null") or []
        found = [parse_reference(each, "digest") for each in listed]
        return next((each.digest for each in found if _expanded(each) == wanted), "")

    def _do(self, what: str, arguments: list[str]) -> subprocess.CompletedProcess[str]:
        """Run the engine; no shell, and nothing on its stdin."""
        try:
            done = self._run(
                [self.name, *arguments],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_WORK_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            fault = Fault(
                f"{self.name} {what}", f"an end within {_WORK_SECONDS} seconds", "none", "look at the machine"
            )
            raise FailedError(fault) from None
        if done.returncode:
            lines = [line for line in done.stderr.strip().splitlines() if line.strip()]
            words = "\n          | ".join([f"exit code {done.returncode}", *lines[-_LAST_LINES:]])
            raise FailedError(Fault(f"{self.name} {what}", "exit code 0", words, "correct that, and run it again"))
        return done


def choose_engine(wanted: str = "", run: Run = subprocess.run) -> Engine:
    """Return the engine that is wanted, or the first one that works here.

    Raises:
        NotFoundError: it isn't there, or none is.
        UnavailableError: it is there and does not work.
    """
    there = [name for name in ([wanted] if wanted else ENGINES) if shutil.which(name)]
    if not there:
        advice = "install one; or start the twin, which needs none"
        raise NotFoundError(Fault("container engine", wanted or " or ".join(ENGINES), "none on the PATH", advice))
    for name in there:
        if _works(name, run):
            return Engine(name, run)
    found = f"{' and '.join(there)}, which cannot be used as it is"
    advice = "start docker's daemon, or see `docker info`, `buildah info`"
    raise UnavailableError(Fault("container engine", "one that works", found, advice))


def _works(name: str, run: Run) -> bool:
    command = [name, "version" if name == "docker" else "info"]
    try:
        done = run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_ASK_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _expanded(reference: Reference) -> str:
    """Return a repository as docker lists it: without docker.io, library and index."""
    found = reference.repository
    for prefix in ("index.docker.io/", "docker.io/", "library/"):
        found = found.removeprefix(prefix)
    return found
