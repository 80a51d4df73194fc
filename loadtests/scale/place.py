"""The twin that carries them: versions deployed as `poorwill deploy` does, then asleep; commands timed from outside."""

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from loadtests import tail_model
from loadtests.bench.environments import ROOT
from loadtests.bench.twin.ground import ENVOY, SOON, Ground, Twin, await_
from poorwill.delivery.deploy import DeployOptions, deploy
from poorwill.delivery.split import silent
from poorwill.kinds.kind import SERVICE
from poorwill.kinds.objects import is_true
from poorwill.registry.records import VersionName
from poorwill.registry.registry import Registry
from poorwill.store.opening import open_store

AT_ONCE = 6  # versions that start together: each has a process once, and then sleeps
COMMAND_SECONDS = 120


class Took(NamedTuple):
    """One command, from its start to its exit."""

    seconds: float
    cpu_seconds: float  # of its own process
    said: str


class Place(Twin):
    """A running twin; a context that ends it.

    Args:
        ground: see Ground.
    """

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground, ENVOY)
        self.start = ground.folder / "version-service.yaml"
        service = yaml.safe_load((ROOT / "knative" / "base" / "version-service.yaml").read_text())
        service["spec"]["template"]["metadata"]["annotations"] |= SOON
        self.start.write_text(yaml.safe_dump(service))

    def bring(self, numbers: Sequence[int]) -> None:
        """Deploy the first version of these models, each with its Route."""
        store = str(self.ground.store)
        registry, options = Registry(open_store(store)), DeployOptions(start=self.start, store=store, wait=False)
        for first in range(0, len(numbers), AT_ONCE):
            models = [tail_model.name(number) for number in numbers[first : first + AT_ONCE]]
            for model in models:
                deploy(self.cluster, registry, VersionName(model, 1, None), options, silent)
            for model in models:
                await_(lambda name=f"{model}-v1": is_true(self.cluster.get(SERVICE, name) or {}, "Ready"))  # type: ignore[misc]

    def await_sleep(self) -> None:
        """Wait until no function has a process."""
        await_(lambda: not self.functions)

    def command(self, *arguments: str, **variables: str) -> Took:
        """Give one of Poorwill's commands as people do, in the twin's folder.

        Raises:
            subprocess.CalledProcessError: it failed.
        """
        return command(self.ground.bin, arguments, self._folder, variables)


def command(bin_folder: Path, arguments: Sequence[str], folder: Path, variables: dict[str, str]) -> Took:
    """Give a command that no setting of this shell decides over, and time it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("POORWILL_", "KUBECONFIG"))}
    began, before = time.perf_counter(), os.times()
    done = subprocess.run(
        [str(bin_folder / "poorwill"), *arguments],
        cwd=folder,
        env=kept | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=True,
    )
    took, after = time.perf_counter() - began, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Took(took, cpu, done.stdout)
