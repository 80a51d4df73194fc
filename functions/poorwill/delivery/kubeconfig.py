"""Which cluster is meant: what was named, else the twin of this folder, else the cluster around this pod."""

import os
from pathlib import Path
from typing import NamedTuple

from poorwill.errors import Fault, NotFoundError, UsageError

TWINS_FILE = "kubeconfig"
"""What a running twin writes into its folder."""
USERS_OWN = "~/.kube/config"
_IN_CLUSTER = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")


class Source(NamedTuple):
    """Where the address and the credentials come from."""

    file: Path | None  # None: this pod's service account
    context: str = ""  # "": the file's own
    twin: bool = False


def choose(kubeconfig: str, context: str, twin: str) -> Source:
    """Return which cluster is meant.

    1. the file that was named (--kubeconfig, KUBECONFIG);
    2. the user's own ~/.kube/config, only where a context of it is named: a cluster is never met by accident;
    3. the kubeconfig of the twin whose folder is here;
    4. the cluster that this process is a pod of.

    Raises:
        UsageError: none of these.
        NotFoundError: a file that is not there.
    """
    if kubeconfig:
        return Source(
            _existing(kubeconfig), context, twin=Path(kubeconfig).resolve() == Path(twin, TWINS_FILE).resolve()
        )
    if context:
        return Source(_existing(USERS_OWN), context)
    of_twin = Path(twin, TWINS_FILE)
    if of_twin.is_file():
        return Source(of_twin, twin=True)
    if _IN_CLUSTER.is_file():
        return Source(None)
    advice = "start the twin with `poorwill up`, set KUBECONFIG, or name a context of ~/.kube/config with --context"
    raise UsageError(Fault("cluster", "one to talk to", "none: no twin here, no KUBECONFIG, no --context", advice))


def _existing(kubeconfig: str) -> Path:
    if os.pathsep in kubeconfig:
        advice = "`kubectl config view --flatten > FILE` makes one of them"
        raise UsageError(Fault("--kubeconfig (KUBECONFIG)", "one file", "a list of files", advice))
    path = Path(kubeconfig).expanduser()
    if not path.is_file():
        raise NotFoundError(Fault("--kubeconfig (KUBECONFIG)", "a file", "none to read", "check the path"))
    return path
