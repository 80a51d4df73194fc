"""Finds Terraform and its providers: by the machine's own configuration, or by a mirror that lies beside the project.

Roots are run in copies, without the machine's state, variables, lock files and credentials.
"""

import fcntl
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.terraform.attached import Attached
from tests.terraform.configuration import ROOTS, required_providers, requiring

ROOT = Path(__file__).parents[2]
OLDEST = (1, 11)  # mocks that hold at plan
MIRROR = ROOT.parent / "shared/terraform/providers"
CACHE = ROOT / "build/terraform-plugins"
COMMAND_SECONDS = 900

LEFT_BEHIND = shutil.ignore_patterns(
    ".terraform",
    ".terraform.lock.hcl",
    "*.tfstate*",
    "*.tfplan",
    "terraform.tfvars",
    "*.auto.tfvars",
    "backend.tf",
)
# what reaches clouds and clusters, or changes what Terraform does
FOREIGN = re.compile(r"(TF|AWS|GOOGLE|GCLOUD|CLOUDSDK|ARM|AZURE|KUBE)_|KUBECONFIG$")
KEPT = {"TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR"}


class MissingTerraformError(Exception):
    """Why there is no Terraform here, in one line."""


class Terraform:
    """A Terraform that finds all providers, and a copy of terraform/ and knative/ to run it in."""

    def __init__(self, binary: str, environment: Mapping[str, str], folder: Path, attached: Attached) -> None:
        self.binary = binary
        self.environment = environment
        self.folder = folder
        self.attached = attached
        self._initialised: set[Path] = set()

    def copied(self, folder: Path) -> "Terraform":
        """Return the same with a fresh copy in the folder, for what applies, or writes files of its own."""
        for part in ("terraform", "knative"):
            shutil.copytree(ROOT / part, folder / part, ignore=LEFT_BEHIND)
        return Terraform(self.binary, self.environment, folder, self.attached)

    def init(self, root: str | Path) -> Path:
        """Initialise a root, such as terraform/modules/model, once; return its folder."""
        folder = self.folder / root
        if folder not in self._initialised:
            self.run(root, "init", "-input=false", "-no-color", "-backend=false")
            self._initialised.add(folder)
        return folder

    def run(self, root: str | Path, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
        """Run a command in a root; return what it printed, or fail with it."""
        command = [self.binary, *arguments]
        code, output = run(command, self.folder / root, {**self.environment, **(environment or {})})
        assert code == 0, f"{shlex.join(command)} in {root}\n{output}"
        return output

    def tested(self, root: str | Path, *options: str) -> tuple[int, str]:
        """Run the tests of a root whose providers are all mocked; return the code and what was printed."""
        self.init(root)
        return run(
            [self.binary, "test", *options], self.folder / root, {**self.environment, **self.attached.environment()}
        )


def run(command: list[str], folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    """Run a command and leave no process of it; return its code and all that it printed."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=COMMAND_SECONDS)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return process.returncode, output


def find(scratch: Path, *, build: bool, path: str | None = None, mirror: Path = MIRROR) -> Terraform:
    """Return a Terraform, with a copy in the scratch folder; to build the mirror first takes minutes."""
    binary = _binary(path)
    environment = {name: value for name, value in os.environ.items() if name in KEPT or not FOREIGN.match(name)}
    environment |= {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
    own = {
        "TF_PLUGIN_CACHE_DIR": str(CACHE),
        "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "1",  # there is no lock file, so nothing breaks
    } | environment
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / ".lock").open("w") as lock:  # the cache, and a mirror, bear one writer at a time
        fcntl.flock(lock, fcntl.LOCK_EX)
        reason = _why_not(binary, own, scratch / "own")
        if reason is None:
            return Terraform(binary, own, scratch, _attached(scratch / "own")).copied(scratch)
        if not mirror.exists():
            raise MissingTerraformError(f"terraform init: {reason}; terraform/README.md says how to use a mirror")
        mirrored = environment | _mirrored(mirror, build=build)
        reason = _why_not(binary, mirrored, scratch / "mirrored")
    if reason is not None:
        raise MissingTerraformError(f"terraform init with {mirror}: {reason}")
    return Terraform(binary, mirrored, scratch, _attached(scratch / "mirrored")).copied(scratch)


def _attached(initialised: Path) -> Attached:
    return Attached(initialised / ".terraform/providers")


def _binary(path: str | None) -> str:
    binary = shutil.which("terraform", path=path)
    if binary is None:
        raise MissingTerraformError("terraform is not installed")
    said = subprocess.run([binary, "version", "-json"], capture_output=True, text=True, check=True).stdout
    version = json.loads(said)["terraform_version"]
    if tuple(map(int, version.split("-")[0].split(".")[:2])) < OLDEST:
        raise MissingTerraformError(f"wanted terraform {'.'.join(map(str, OLDEST))} or newer, found {version}")
    return binary


def _why_not(binary: str, environment: Mapping[str, str], scratch: Path) -> str | None:
    """Say in a line why init does not find all providers of all roots; None where it does."""
    scratch.mkdir()
    versions: dict[str, set[str]] = {}
    for root in ROOTS:
        for provider in required_providers(root).values():
            versions.setdefault(provider["source"], set()).add(provider["version"])
    wanted = {
        source.replace("/", "-"): {"source": source, "version": ", ".join(sorted(any_of))}
        for source, any_of in versions.items()
    }
    (scratch / "versions.tf").write_text(requiring(wanted))
    code, output = run([binary, "init", "-input=false", "-no-color"], scratch, environment)
    if code == 0:
        return None
    said = " ".join(re.sub(r"[│╷╵]", " ", output.split("Error:", 1)[-1]).split())
    found = re.search(r"[Cc]ould not .*?: .*?(?=: |\. |$)", said)
    return found[0] if found else said


def _mirrored(mirror: Path, *, build: bool) -> dict[str, str]:
    """Return the variables by which Terraform uses the mirror."""
    commands = ("build", "env") if build else ("env",)
    for command in commands:
        done = subprocess.run([mirror, command], capture_output=True, text=True, check=False)
        if done.returncode:
            hint = "" if build else "; `make terraform` builds it"
            raise MissingTerraformError(f"{mirror} {command}: {' '.join(done.stderr.split())}{hint}")
    exported = [word for word in shlex.split(done.stdout) if "=" in word]
    return dict(word.split("=", 1) for word in exported)
