"""The step that brings a registered version onto a cluster, where the whole run is in one process.

By events it is the deploy function's; both deploy by the same code, so neither undoes the other.
"""

from typing import Any, ClassVar

from poorwill.delivery.deploy import DeployOptions
from poorwill.delivery.function.bodies import Registered
from poorwill.delivery.function.registered import Ground, deploy_registered
from poorwill.pipeline.spec import Deploy
from poorwill.pipeline.step import Outcome, Work


class DeployStep:
    """Deploys what the run has registered, with the percent that the spec names.

    Args:
        ground: cluster and registry.
        options: of new version services.
    """

    name: ClassVar[str] = "deploy"

    def __init__(self, ground: Ground, options: DeployOptions) -> None:
        self._ground, self._options = ground, options

    def decided_by(self, work: Work) -> dict[str, Any]:
        """Return the run and what it registered: another run deploys for itself."""
        cluster = self._ground.cluster
        return {"run": work.run.run, "where": [cluster.address, cluster.namespace], **_registered(work)}

    def run(self, work: Work) -> Outcome:
        """Deploy it, and wait until it is Ready."""
        done = deploy_registered(self._ground, Registered(**_registered(work)), self._options, work.progress)
        version = int(work.facts["register"]["version"])
        facts = {"service": done.service, "url": done.url, "percent": done.traffic.percent(version)}
        return Outcome((), facts)


def _registered(work: Work) -> dict[str, Any]:
    facts = work.facts["register"]
    percent = work.step.percent if isinstance(work.step, Deploy) else 0
    return {"model": work.spec.model, "version": facts["version"], "digest": facts["digest"], "percent": percent}
