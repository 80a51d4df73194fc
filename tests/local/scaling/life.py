"""A revision whose pods get ready at once, under a load that a test gives second by second."""

from poorwill.kinds.autoscaling import Autoscaling
from poorwill.local.revision import RevisionKey
from poorwill.local.scaling.defaults import KNATIVE, Defaults
from poorwill.local.scaling.scaler import Decision, Scaler

KEY = RevisionKey("default", "digits-v1-00001")
DEFAULT = Autoscaling()


class Life:
    """One revision and the clock that it lives by."""

    def __init__(self, autoscaling: Autoscaling = DEFAULT, defaults: Defaults = KNATIVE) -> None:
        self.now = 5000.0
        self.scaler = Scaler(lambda: self.now, defaults)
        self.autoscaling = autoscaling
        self.ready = 0

    def born(self, *, reachable: bool = True, last_wanted: int | None = None) -> Decision:
        self.scaler.track(KEY, self.autoscaling, reachable=reachable, last_wanted=last_wanted)
        return self._followed(self.scaler.observe(KEY, 0))

    def second(self, concurrency: float, *, ready: bool = True) -> Decision:
        """Let a second pass in which so many requests were in flight; each second one is a tick."""
        if concurrency:
            self._followed(self.scaler.poke(KEY), ready=ready)
        self.scaler.record(KEY, concurrency, concurrency)
        self.now += 1
        if self.now % 2:
            return self.scaler.observe(KEY, self.ready)
        return self._followed(self.scaler.tick({KEY: self.ready})[KEY], ready=ready)

    def seconds_until(self, pods: int) -> int:
        """Return after how many idle seconds so many pods are wanted."""
        for passed in range(1, 1000):
            if self.second(0).wanted == pods:
                return passed
        raise AssertionError(f"never wanted {pods}")

    def _followed(self, decision: Decision, *, ready: bool = True) -> Decision:
        self.ready = decision.wanted if ready else 0
        return self.scaler.observe(KEY, self.ready)
