"""Which image runs what: the twin pulls nothing, so only Poorwill's own and what was registered here may run."""

import hashlib
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from poorwill.delivery.function.source import SPEC_FILE, main_file
from poorwill.delivery.kubeconfig import TWINS_FILE
from poorwill.errors import Fault, NotFoundError
from poorwill.kinds.kind import Object
from poorwill.local.pods.ports import HOST
from poorwill.local.revision import Failure
from poorwill.pipeline.names import FUNCTIONS
from poorwill.settings import SERVED

FUNCTION, PIPELINE, COMMAND_REFUSED = "POORWILL_FUNCTION", "POORWILL_PIPELINE", "CommandRefused"
KUBECONFIG, NAMESPACE = "KUBECONFIG", "POORWILL_NAMESPACE"

_PYTHON = (sys.executable, "-P", "-s", "-m")  # neither its working folder nor HOME is a place for modules
_POORWILL = (*_PYTHON, "poorwill")
# what decides over code, addresses and identity is the twin's to say
_OWN = {"--function", "--host", "--port", "--metrics-port", "--revision"}
_OPTIONS = {setting.flag for setting in SERVED} - _OWN
_REGISTRY_FILE = "images.json"


class Program(NamedTuple):
    """What an image runs: its ENTRYPOINT, its CMD, and the variables that it sets."""

    entrypoint: tuple[str, ...]
    arguments: tuple[str, ...] = ("serve",)
    environment: Mapping[str, str] = {}
    choices: tuple[str, ...] = ()  # of which one is the whole of `args`
    asks_cluster: bool = False  # it works with its service account's token; here that is the twin's kubeconfig

    def misused(self, arguments: Sequence[str]) -> str:
        """Return why it may not be started with these arguments; "" where it may.

        To be asked of them as they are once $(NAME) is replaced: a variable may hold an option.
        """
        if self.choices:
            alone = len(arguments) == 1 and arguments[0] in self.choices
            return "" if alone else f"the twin takes one of {', '.join(self.choices)} as `args`"
        if arguments[:1] == ("serve",):
            return misused(arguments)
        return "" if tuple(arguments) == self.arguments else "the twin takes no `args` for it"

    def variables(self, namespace: str) -> dict[str, str]:
        """Return what it starts with in a namespace, before what a manifest says."""
        where = {NAMESPACE: namespace} if self.asks_cluster else {}
        return {**self.environment, **where}

    def withheld(self, declared: Mapping[str, str]) -> str:
        """Return why it may not be given variables that a manifest declares; "" where it may."""
        own = {FUNCTION: "", PIPELINE: "", **self.environment}
        names = [name for name, value in own.items() if declared.get(name, value) != value]
        return f"{', '.join(names)}: the twin runs what an image was registered with" if names else ""


# where gunicorn has its control socket: the folder's own name is too long for one
_FRAMEWORK = {"XDG_RUNTIME_DIR": "/proc/self/cwd"}

OWN: Mapping[str, Program] = {
    "ghcr.io/poorwill/serve": Program(_POORWILL),
    "ghcr.io/poorwill/train": Program(
        (*_PYTHON, "poorwill.pipeline.function"), (), _FRAMEWORK, choices=FUNCTIONS, asks_cluster=True
    ),
    "ghcr.io/poorwill/deploy": Program(
        (*_PYTHON, "functions_framework", "--target", "deploy"),
        ("--source", str(main_file("deploy"))),
        {**_FRAMEWORK, "HOST": HOST},  # the latter is functions-framework's own
        asks_cluster=True,
    ),
}
"""Poorwill's own images, by name without tag and digest."""
_TRAIN = OWN["ghcr.io/poorwill/train"]


class Refusal(NamedTuple):
    """Why an image, or what a manifest asks of it, does not run here."""

    reason: str
    message: str

    def failure(self) -> Failure:
        """Return it as a condition of the revision."""
        return Failure(self.reason, self.message)


class Images:
    """The images of one twin.

    Args:
        folder: where registered functions lie, each copied under its digest, as immutable as a real image.
        own: programs by image name; tests bring their own.
    """

    def __init__(self, folder: Path, own: Mapping[str, Program] = OWN) -> None:
        self._folder = folder
        self._own = own
        self._file = folder / _REGISTRY_FILE
        self._registered: dict[str, str] = {}
        self._read_at = 0  # nanoseconds, of the file; `poorwill image build` is another process than the twin
        self._read()

    def register(self, name: str, function: Path) -> str:
        """Let an image name, tag included, run a copy of a function's or a pipeline's folder; return its digest.

        Raises:
            NotFoundError: no main.py there, and no pipeline.yaml.
        """
        if not (function / "main.py").is_file() and not (function / SPEC_FILE).is_file():
            wanted = f"a folder with a main.py, or with a {SPEC_FILE}"
            raise NotFoundError(Fault("image build", wanted, "none there", "name a function's folder, or a pipeline's"))
        digest = folder_digest(function)
        home = self._folder / digest.removeprefix("sha256:")
        if not home.is_dir():
            draft = home.with_suffix(".new")
            shutil.rmtree(draft, ignore_errors=True)
            shutil.copytree(function, draft / function.resolve().name, ignore=shutil.ignore_patterns("__pycache__"))
            draft.rename(home)
        self._read()
        place = f"{home.name}/{function.resolve().name}"
        # the name may mean another function tomorrow, the digest never
        self._registered |= {name: place, f"{_untagged(name)}@{digest}": place}
        draft_file = self._file.with_suffix(".new")
        draft_file.write_bytes(msgspec.json.encode(self._registered))
        draft_file.replace(self._file)
        return digest

    def digest(self, name: str) -> str | None:
        """Return the digest of a registered image, None where none is of that name."""
        self._read()
        place = self._registered.get(name)
        return f"sha256:{place.partition('/')[0]}" if place else None

    def program(self, container: Object) -> Program | Refusal:
        """Return what a container runs, or why it doesn't."""
        image: str = container["image"]
        program = self._find(image)
        if program is None:
            words = (
                "the twin runs Poorwill's own images and those that `poorwill image build` registered with it, "
                f"and this is neither: use {' or '.join(self._own)}, or build it here"
            )
            return Refusal("ContainerMissing", f'Unable to fetch image "{image}": {words}')
        if container.get("command"):
            return Refusal(COMMAND_REFUSED, "the twin runs an image's own command only: leave `command` out")
        arguments = tuple(container.get("args") or program.arguments)
        if arguments[: len(program.arguments)] != program.arguments:
            words = f"the twin takes options behind `{' '.join(program.arguments)}` as `args`, and no other command"
            return Refusal(COMMAND_REFUSED, words)
        words = "" if "$(" in "".join(arguments) else program.misused(arguments)  # those are looked at as a pod starts
        if words:
            return Refusal(COMMAND_REFUSED, words)
        return program._replace(arguments=arguments)

    def _find(self, image: str) -> Program | None:
        name = _untagged(image)
        if name in self._own:
            return self._at_home(self._own[name])
        self._read()
        digests = {f"{known}@sha256:{place.partition('/')[0]}": place for known, place in self._registered.items()}
        place = self._registered.get(image) or digests.get(image)
        if not place:
            return None
        folder = self._folder / place
        if (folder / SPEC_FILE).is_file():
            return self._at_home(_TRAIN._replace(environment={**_FRAMEWORK, PIPELINE: str(folder)}))
        return Program(_POORWILL, environment={FUNCTION: str(folder)})

    def _at_home(self, program: Program) -> Program:
        if not program.asks_cluster:
            return program
        kubeconfig = str(self._folder.parent / TWINS_FILE)
        return program._replace(environment={**program.environment, KUBECONFIG: kubeconfig})

    def _read(self) -> None:
        """Read what is registered, where that changed."""
        changed_at = self._file.stat().st_mtime_ns if self._file.is_file() else 0
        if changed_at != self._read_at:
            self._read_at = changed_at
            self._registered = msgspec.json.decode(self._file.read_bytes(), type=dict[str, str])


def _untagged(image: str) -> str:
    return re.sub(r"(:[^:/@]+)?(@sha256:[0-9a-f]{64})?$", "", image)


def folder_digest(folder: Path) -> str:
    """Return the digest of a folder's files, by name and content, sha256:<hex>."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            name = path.relative_to(folder).as_posix().encode()
            whole.update(hashlib.sha256(name).digest() + hashlib.sha256(path.read_bytes()).digest())
    return f"sha256:{whole.hexdigest()}"


def misused(arguments: Sequence[str]) -> str:
    """Return why a function may not be started with these arguments, as `poorwill serve` reads them; "" where it may.

    To be asked of them as they are once $(NAME) is replaced: a variable may hold an option.
    """
    rest, named = iter(arguments[1:]), False
    for word in rest:
        option, equals, _ = word.partition("=")
        if not word.startswith("-") and not named:
            named = True
        elif option not in _OPTIONS:
            words = "the twin takes a version and options of `poorwill serve` as `args`, but none of"
            return f"{words} {', '.join(sorted(_OWN))}: those are its own to say, as values of variables, too"
        elif not equals:
            next(rest, None)
    return ""
