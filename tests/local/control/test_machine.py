"""Whatever is wished for in whatever order, the loop comes to rest, and a new one on the same state rests there too."""

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from poorwill.kinds.kind import CONFIGURATION, EVENT, INGRESS, KEPT_KINDS, KINDS, PLACEHOLDER, REVISION, ROUTE, SERVICE
from poorwill.local.control.conditions import is_ready
from poorwill.local.control.labels import routes_of
from tests.local.control.ground import CRASH, Ground, route, service, to_latest, to_revision

NAMES = ("iris", "wine", "v1-iris")
TAGS = ("", "v1", "v2")
MODELS = ("1", "2")

names = st.sampled_from(NAMES)
tags = st.sampled_from(TAGS)
revisions = st.builds("{}-0000{}".format, names, st.integers(1, 3))


@st.composite
def splits(draw, own=""):
    """Draw a traffic of one or two targets: of a Service's own, or of any."""
    first_percent = draw(st.sampled_from((0, 30, 100)))
    percents = [100] if draw(st.booleans()) else [first_percent, 100 - first_percent]
    tagged = draw(st.permutations(TAGS))
    targets = []
    for percent, tag in zip(percents, tagged, strict=False):
        if draw(st.booleans()):
            targets.append(to_revision(draw(revisions), percent, tag))
        elif own:
            entry = to_latest(own, percent, tag)
            targets.append({name: value for name, value in entry.items() if name != "configurationName"})
        else:
            targets.append(to_latest(draw(names), percent, tag))
    return targets


class Twin(RuleBasedStateMachine):
    """A user, pods, and a machine that may stop at any time."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.ground = Ground(Path(self.folder.name))
        self.programmed = {}

    def teardown(self):
        self.rest()
        self.ground.state.close()
        self.folder.cleanup()

    @rule(name=names, model=st.sampled_from(MODELS))
    def deploy(self, name, model):
        self.ground.apply(service(name, model=model))

    @rule(name=names, model=st.sampled_from(MODELS), data=st.data())
    def split_a_service(self, name, model, data):
        self.ground.apply(service(name, model=model, traffic=data.draw(splits(name))))

    @rule(name=names, traffic=splits())
    def send(self, name, traffic):
        live = self.ground.get(ROUTE, name)
        if live is None or not live["metadata"].get("ownerReferences"):
            self.ground.apply(route(name, *traffic))

    @rule(kind=st.sampled_from((SERVICE, ROUTE, CONFIGURATION)), name=names)
    def delete(self, kind, name):
        if self.ground.get(kind, name):
            self.ground.delete(kind, name)

    @rule(name=revisions)
    def delete_a_revision(self, name):
        if self.ground.get(REVISION, name):
            self.ground.delete(REVISION, name)

    @rule(name=revisions, desired=st.integers(0, 2), is_ready=st.booleans(), crashes=st.booleans())
    def run(self, name, desired, is_ready, crashes):
        failure = CRASH if crashes and desired and not is_ready else None
        self.ground.scale(name, desired, desired if is_ready else 0, failure)

    @rule(steps=st.integers(1, 12))
    def take_some_steps(self, steps):
        for _ in range(min(steps, len(self.ground.control._queue))):
            self.step()

    @rule(steps=st.integers(0, 6))
    def kill_and_start(self, steps):
        self.take_some_steps(steps)
        self.ground.restart()

    @rule()
    def rest(self):
        self.settle()
        at_rest = self.ground.snapshot()
        self.check_rest()

        self.ground.restart()
        self.ground.control.settle()

        assert self.ground.snapshot() == at_rest

    def settle(self):
        """Take steps to the end, which has to be near."""
        control = self.ground.control
        for _ in range(2000):
            if not control._queue:
                control._tell()
            if not control._queue:
                return
            self.step()
        raise AssertionError("the steps don't end", list(control._queue)[:5])

    def step(self):
        """Take one step; what it newly programs is ready at that moment."""
        control = self.ground.control
        control._take_one(next(iter(control._queue)))
        for ingress in self.ground.list(INGRESS):
            name, spec = ingress["metadata"]["name"], ingress["spec"]
            if self.programmed.get(name) != spec:
                self.programmed[name] = spec
                for target in spec["traffic"]:
                    assert is_ready(self.ground.get(REVISION, target["revisionName"])), target

    def check_rest(self):
        ground = self.ground
        kinds = [kind for kind in (*KINDS, *KEPT_KINDS) if kind is not EVENT]
        uids = {obj["metadata"]["uid"] for kind in kinds for obj in ground.state.list(kind)}
        for kind in (CONFIGURATION, REVISION, ROUTE, INGRESS, PLACEHOLDER):
            for obj in ground.list(kind):
                owners = {reference["uid"] for reference in obj["metadata"].get("ownerReferences", ())}
                assert owners <= uids, f"a {obj['kind']} outlives its owner"
                assert owners or (kind is ROUTE and not obj["metadata"]["labels"]), f"nobody's {obj['kind']}"
        for obj in ground.list(SERVICE) + ground.list(ROUTE):
            assert obj["status"]["observedGeneration"] == obj["metadata"]["generation"]
        for obj in ground.list(REVISION):
            for name in routes_of(obj):
                assert ground.get(ROUTE, name), "marked with a Route that is gone"

    @invariant()
    def percents_are_all_or_nothing(self):
        for obj in self.ground.list(ROUTE) + self.ground.list(SERVICE):
            percents = [target["percent"] for target in obj.get("status", {}).get("traffic", ())]
            assert sum(percents) in {0, 100}
            assert percents == [] or sum(percents) == 100


TestTwin = Twin.TestCase
TestTwin.settings = settings(max_examples=40, stateful_step_count=30)
