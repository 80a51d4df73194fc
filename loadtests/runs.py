"""The runs that load is made of: who asks, in which shape, what has to be there before, how short the usual run is."""

from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent


class LoadRun(NamedTuple):
    """One run; its limits are those of its name."""

    users: tuple[str, ...]  # files of users/
    shape: str  # file of shapes/
    stretch_ratio: float = 1.0  # of the stages, on a twin; 1 is as the shape says
    asleep: bool = False  # whether all versions sleep when it begins
    tail: int = 0  # models of a long tail
    events: bool = False  # whether a Broker is asked
    recorded: str = ""  # log that is replayed

    @property
    def files(self) -> str:
        """Return what Locust is given with -f."""
        users = (HERE / "users" / f"{name}.py" for name in self.users)
        return ",".join(map(str, (*users, HERE / "shapes" / f"{self.shape}.py")))


RUNS = {
    "steady": LoadRun(("infer_json", "infer_binary", "python_client", "broker_events"), "steady", 0.3, events=True),
    "spike": LoadRun(("infer_json",), "spike", 0.25, asleep=True),
    "split-change": LoadRun(("infer_binary",), "split_change", 0.4),
    "long-tail": LoadRun(("tail_models",), "long_tail", 0.1, asleep=True, tail=20),
    "replay": LoadRun(("recorded_requests",), "replay", recorded=str(HERE / "digits_requests.jsonl")),
    "step": LoadRun(("infer_json", "infer_binary"), "step", 0.3),
    "day": LoadRun(("infer_json",), "day", asleep=True),
}
SHORT = ("steady", "spike", "split-change", "replay", "long-tail")
"""Those of `make load`; the others are run by their names."""
