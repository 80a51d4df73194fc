"""A twin with registered versions of digits, or the cluster that `make e2e` names, and roots applied to it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import urllib3

from tests.e2e.behaviour.ground import DIGITS, KEYS, Ground, environment
from tests.terraform.providers import Terraform, run

ROOT = "terraform/environments/local"
NO_CHANGE, CHANGES = 0, 2  # codes of plan -detailed-exitcode
UP_SECONDS = 120


class Local(NamedTuple):
    """An environment in a namespace of its own, and the ground on which its models answer."""

    terraform: Terraform
    ground: Ground
    registered_file: Path

    def write(self, traffic: dict[int, int], **more: Any) -> None:
        """Write the variables: digits with these percents by version."""
        model = {
            "registered_file": str(more.pop("registered_file", self.registered_file)),
            "traffic": [{"version": version, "percent": percent} for version, percent in traffic.items()],
        }
        model |= {name: more.pop(name) for name in ("split_owner", "components") if name in more}
        variables = {
            "kubeconfig": self.ground.environment["KUBECONFIG"],
            "namespace": self.ground.namespace,
            "models": {"digits": model},
        }
        if not self.ground.is_twin:
            region = {"AWS_REGION": os.environ.get("AWS_REGION", "us-east-1")}
            variables |= {"store": self.ground.store, "image": self.ground.image, "environment": region}
        (self.terraform.folder / ROOT / "local.auto.tfvars.json").write_text(json.dumps(variables | more))

    def apply(self) -> str:
        """Apply it."""
        return self.terraform.run(ROOT, "apply", "-auto-approve", "-no-color")

    def tried(self, *arguments: str) -> tuple[int, str]:
        """Run a command that may fail; return its code, and what it printed as one line of words."""
        terraform = self.terraform
        command = [terraform.binary, *arguments, "-no-color"]
        code, output = run(command, terraform.folder / ROOT, terraform.environment)
        return code, " ".join(output.replace("│", " ").split())

    def plan(self) -> int:
        """Return whether a plan finds something to do."""
        code, output = self.tried("plan", "-detailed-exitcode")
        assert code in {NO_CHANGE, CHANGES}, output
        return code

    def percents(self) -> dict[str, int]:
        """Return the split that the Route's spec has."""
        return {target["tag"]: target["percent"] for target in self.ground.show("rt", "digits")["spec"]["traffic"]}

    def managers(self) -> set[str]:
        """Return who applied something of the Route."""
        shown = self.ground.kubectl("get", "rt", "digits", "-o", "json", "--show-managed-fields").stdout
        entries = json.loads(shown)["metadata"]["managedFields"]
        return {entry["manager"] for entry in entries if entry["operation"] == "Apply"}


@contextmanager
def twin(folder: Path) -> Iterator[Ground]:
    """Run a twin on free ports, with digits@1 and digits@2 in its store."""
    command(folder, "up", "--detach", "--port", "0")
    try:
        push(folder, "./store")
        from poorwill.local.folder import TwinFolder

        running = TwinFolder(folder / ".poorwill").running()
        assert running is not None
        kubeconfig = str(folder / ".poorwill" / "kubeconfig")
        with urllib3.PoolManager(maxsize=80) as http:
            gateway = f"http://127.0.0.1:{running.port}"
            variables = environment(KUBECONFIG=kubeconfig)
            yield Ground("twin", folder, variables, gateway, "./store", "", "default", http)
    finally:
        command(folder, "down")


@contextmanager
def cluster(folder: Path) -> Iterator[Ground]:
    """Give the cluster that POORWILL_E2E_* names, with both versions in a store of their own."""
    given = {name: os.environ[f"POORWILL_E2E_{name}"] for name in ("KUBECONFIG", "GATEWAY", "STORE", "IMAGE")}
    store = f"{given['STORE'].rstrip('/')}/{uuid4().hex}"
    push(folder, store)
    with urllib3.PoolManager(maxsize=80) as http:
        variables = environment(KUBECONFIG=given["KUBECONFIG"])
        yield Ground("cluster", folder, variables, f"http://{given['GATEWAY']}", store, given["IMAGE"], "default", http)


def push(folder: Path, store: str) -> None:
    """Register digits@1 and digits@2."""
    for model in ("digits.onnx", "digits_wide.onnx"):
        sample = ["--sample", DIGITS / "sample.json"]
        command(folder, "push", DIGITS / model, "--name", "digits", *sample, "--store", store)


def local(terraform: Terraform, ground: Ground, folder: Path) -> Local:
    """Return an environment that was initialised, with what the registry has of digits."""
    namespace = f"tf-{uuid4().hex[:8]}"
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(Path(ground.environment["KUBECONFIG"]).read_text())
    kubeconfig.chmod(0o600)
    own = ground.environment | {"KUBECONFIG": str(kubeconfig), "POORWILL_NAMESPACE": namespace}
    at_own = ground._replace(environment=own, namespace=namespace)
    at_own.kubectl("config", "set-context", "--current", f"--namespace={namespace}")
    registered = folder / "digits.json"
    registered.write_text(command(ground.folder, "versions", "digits", "--output", "json", "--store", ground.store))
    copied = terraform.copied(folder)
    copied.init(ROOT)
    made = Local(copied, at_own, registered)
    if not ground.is_twin:
        made.write({}, models={})
        made.apply()  # the namespace
        keys = [f"--from-literal={name}={os.environ[name]}" for name in KEYS]
        at_own.kubectl("create", "secret", "generic", "poorwill-store", *keys)
    return made


def command(folder: Path, *arguments: object) -> str:
    """Run a command of Poorwill's in a folder; return what it printed."""
    words = [sys.executable, "-m", "poorwill", *map(str, arguments)]
    done = subprocess.run(
        words, cwd=folder, env=environment(), capture_output=True, text=True, timeout=UP_SECONDS, check=False
    )
    assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    return done.stdout
