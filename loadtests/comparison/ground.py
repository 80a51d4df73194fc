"""What both sides stand on, a twin or a cluster each: how commands are given there, images made, processes killed."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from poorwill.delivery.cluster import Cluster
from poorwill.kinds.kind import POD, Kind
from poorwill.kinds.objects import is_true, labels

Seconds = dict[str, float]
"""How long each step of a deployment took, by its name."""
REVISION = "serving.knative.dev/revision"


class CommandError(Exception):
    """A command said no."""


class Made(NamedTuple):
    """An image that the place can run."""

    reference: str  # by digest
    steps: Seconds  # of making it


class Weight(NamedTuple):
    """What serves now."""

    processes: int
    pss_mb: float | None  # of these together; None where it can't be measured from here


class Place(Protocol):
    """Where a side stands alone: in an environment, with a gateway, limits and commands that the other one has, too."""

    cluster: Cluster
    folder: Path  # in which commands are given
    gateway: str  # host:port
    store: str  # URL of where versions are
    image: str  # of version services; "" is the usual one
    patience_seconds: float  # that another model's deployment gets while a fault lies there

    def command(self, *arguments: str) -> str:
        """Give one of Poorwill's commands as people give it, and return what it says."""

    def kubectl(self, *arguments: str) -> str:
        """Give one of kubectl's commands, and return what it says."""

    def furnish(self) -> None:
        """Make what version services refer to."""

    def make_image(self, folder: Path) -> Made:
        """Make an image of a function's folder, upon the one that Poorwill's functions run."""

    def kill(self, revision: str) -> None:
        """End the process of a revision whose name begins so, without a word to it."""

    def weigh(self) -> Weight:
        """Return what serves now."""


def host_of(place: Place, kind: Kind, name: str) -> str:
    """Return the host by which the gateway knows a Service or a Route."""
    found = place.cluster.get(kind, name) or {}
    return urlsplit(found["status"]["url"]).netloc


def serving(place: Place, prefix: str) -> set[str]:
    """Return the revisions whose names begin so and that answer, or still end what they answer."""
    pods = place.cluster.list(POD)
    some = [pod for pod in pods if is_true(pod, "Ready") or "deletionTimestamp" in pod["metadata"]]
    return {name for pod in some if (name := labels(pod).get(REVISION, "")).startswith(prefix)}


def run(command: list[str], folder: Path, more: Mapping[str, str] | None = None) -> str:
    """Run a command that nothing of this shell's settings decides over; raise CommandError where it fails."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("POORWILL_", "KUBECONFIG"))}
    # in a session of its own, so that Ctrl-C does not leave half of it
    done = subprocess.run(
        command,
        cwd=folder,
        env=kept | dict(more or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    if done.returncode:
        raise CommandError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout
