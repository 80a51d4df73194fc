"""What an image is built from: a copy of a folder's files as they may go out, and the build file over them."""

import ast
import re
import shutil
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

from poorwill.delivery.function.source import SPEC_FILE
from poorwill.errors import Fault, InvalidModelError, NotFoundError, UsageError

REQUIREMENTS = "requirements.txt"
BUILD_FILE = "Containerfile"
_SITE_PACKAGES = "/opt/poorwill/lib/python3.13/site-packages"  # functions/Dockerfile
_WHERE = "poorwill image build"
_KEY_NAMES = (
    *("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "kubeconfig", "*.p12", "*.pfx"),
    *("credentials", *(f"credentials.{end}" for end in ("json", "yaml", "yml", "ini", "toml", "csv"))),
    *("service-account*.json", "service_account*.json", "application_default_credentials.json", "env", "*.env"),
)
_PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_HEAD_BYTES = 65_536


class Base(NamedTuple):
    """What is built upon."""

    image: str  # Poorwill's serve image, for a pipeline its train image
    wheels: str = "docker.io/library/debian:trixie-slim"  # has the same Python; wheels are fetched in it


class Function(NamedTuple):
    """A folder that was looked through: a function's, or a pipeline's."""

    folder: Path
    files: tuple[Path, ...]  # relative, in order
    requirements: bool
    pipeline: bool = False  # it has a pipeline.yaml

    @property
    def name(self) -> str:
        """Return the folder's name, which is the model's where the function stands for one."""
        return self.folder.name


def examine(folder: Path) -> Function:
    """Return a function's folder or a pipeline's, read but not run: what it needs may not be on this machine.

    Hidden files and __pycache__ stay behind: keys tend to lie in the former; where others look like keys it stops.

    Raises:
        NotFoundError: no main.py, and no pipeline.yaml.
        InvalidModelError: main.py is no Python, or has no predict.
        UsageError: links, which may lead out of the folder; keys; requirements without hashes or not UTF-8; a bad name.
    """
    folder = folder.resolve()
    main, is_pipeline = folder / "main.py", (folder / SPEC_FILE).is_file()
    if not main.is_file() and not is_pipeline:
        wanted = f"a folder with a main.py, or with a {SPEC_FILE}"
        found = "a folder without it" if folder.is_dir() else "no such folder"
        raise NotFoundError(Fault(_WHERE, wanted, found, "name a function's folder, or a pipeline's"))
    faults = []
    if not folder.name.replace("-", "").replace("_", "").isalnum() or not folder.name.isascii():
        advice = "rename it: the name becomes the model's"
        faults.append(Fault(_WHERE, "a folder named by letters, digits, - and _", "other characters", advice))
    paths = sorted(_shown(folder))
    links = [path.relative_to(folder).as_posix() for path in paths if path.is_symlink()]
    if links:
        faults.append(Fault(_WHERE, "files", f"links: {', '.join(links)}", "put the files themselves there"))
    keys = [path.relative_to(folder).as_posix() for path in paths if _is_key(path)]
    if keys:
        advice = "keep them elsewhere, and hand them over by a Secret: whoever pulls the image reads its files"
        faults.append(Fault(_WHERE, "files without keys", f"what looks like keys: {', '.join(keys)}", advice))
    requirements = folder / REQUIREMENTS
    if requirements.is_file() and (loose := _loose(_text(requirements))):
        advice = "`uv pip compile --generate-hashes`, or `pip-compile --generate-hashes`, writes them"
        faults.append(Fault(REQUIREMENTS, "name==version with --hash for each", f"{loose} without", advice))
    if faults:
        raise UsageError(*faults)
    if not is_pipeline:
        _check_main(main)
    files = tuple(path.relative_to(folder) for path in paths if path.is_file())
    return Function(folder, files, requirements.is_file(), is_pipeline)


def stage(function: Function, base: Base, into: Path) -> Path:
    """Write a build's context into an empty folder: the files, readable by whoever runs them, and the build file.

    Returns the folder with the function's files.
    """
    home = into / function.name
    for file in function.files:
        target = home / file
        target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        shutil.copyfile(function.folder / file, target)
        target.chmod(0o644)
        for part in file.parents:  # the umask took what COPY would have kept
            (home / part).chmod(0o755)
    (into / BUILD_FILE).write_text(build_file(function, base))
    return home


def build_file(function: Function, base: Base) -> str:
    """Return the build file: nothing of it runs in the image itself, which has no shell and keeps its user."""
    wheels, copy = "", ""
    if function.requirements:
        # only wheels, each by its hash, and no more than is listed: nothing is built, nothing comes along unasked
        wheels = (
            f"FROM {base.wheels} AS wheels\n"
            "RUN apt-get update \\\n"
            " && apt-get install --yes --no-install-recommends ca-certificates python3-pip\n"
            f"COPY {function.name}/{REQUIREMENTS} /{REQUIREMENTS}\n"
            "RUN python3 -m pip install --quiet --no-cache-dir --disable-pip-version-check \\\n"
            f"      --require-hashes --only-binary :all: --no-deps --no-compile --target /wheels -r /{REQUIREMENTS}\n\n"
        )
        copy = f"COPY --from=wheels /wheels {_SITE_PACKAGES}\n"
    return (
        f"{wheels}FROM {base.image}\n{copy}"
        f"COPY {function.name} /{function.name}\n"
        f"ENV {'POORWILL_PIPELINE' if function.pipeline else 'POORWILL_FUNCTION'}=/{function.name}\n"
    )


def _shown(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name == "__pycache__":
            continue
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from _shown(path)


def _is_key(path: Path) -> bool:
    """Return whether a file is known to hold secrets, by its name or by a private key near its beginning."""
    if path.is_symlink() or not path.is_file():
        return False
    if any(fnmatch(path.name.lower(), pattern) for pattern in _KEY_NAMES):
        return True
    with path.open("rb") as file:
        return bool(_PRIVATE_KEY.search(file.read(_HEAD_BYTES)))


def _text(requirements: Path) -> str:
    try:
        return requirements.read_text("utf-8")
    except UnicodeDecodeError:
        raise UsageError(Fault(REQUIREMENTS, "UTF-8", "something else", "save it as UTF-8")) from None


def _loose(text: str) -> int:
    """Return how many requirements name no exact version and hash; options of pip but --hash count as well."""
    lines = text.replace("\\\n", " ").splitlines()
    wanted = [line for line in (line.partition(" #")[0].strip() for line in lines) if line and not line.startswith("#")]
    return sum("==" not in line or "--hash=sha256:" not in line or line.startswith("-") for line in wanted)


def _check_main(main: Path) -> None:
    try:
        tree = ast.parse(main.read_bytes())
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        found = f"something else in line {line}" if line else "something else"
        raise InvalidModelError(Fault("main.py", "Python", found, "run it by itself")) from None
    if "predict" not in set(_defined(tree)):
        fault = Fault(
            "main.py", "predict(inputs, model)", "no function of that name", "write it; see docs/functions.md"
        )
        raise InvalidModelError(fault)


def _defined(tree: ast.Module) -> Iterator[str]:
    """Yield what a module's top level defines."""
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            yield statement.name
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in statement.names)
        elif isinstance(statement, ast.Assign):
            yield from (target.id for target in statement.targets if isinstance(target, ast.Name))
