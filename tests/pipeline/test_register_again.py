"""A version is registered once for all that led to it; one that was removed is not what it leads to any more."""

from pathlib import Path

import msgspec
import pytest

from poorwill.errors import NotFoundError
from poorwill.pipeline.ci_undo import Seen, registered_by
from poorwill.pipeline.ingest import IngestStep
from poorwill.pipeline.register import RegisterStep
from poorwill.pipeline.runner import run_through
from poorwill.pipeline.train import TrainStep
from poorwill.registry.records import VersionName
from poorwill.registry.registry import Registry
from tests.pipeline import works

SPEC = """\
format: 1
pipeline: sums
model: sum
steps:
  - step: ingest
    target: total
  - step: train
  - step: register
"""
ROWS = "left,right,total\n" + "".join(f"{n},{n * n % 7},{2 * n - n * n % 7}\n" for n in range(40))


@pytest.fixture
def registered(store, tmp_path):
    """Return what takes the same data through a pipeline by an event of another id, and tells which version came."""
    pipeline = works.write_pipeline(tmp_path / "sums", SPEC)
    (pipeline.folder / "train.py").write_text(Path(__file__).with_name("linear.py").read_text())
    store.put("june.csv", ROWS.encode())
    steps = {step.name: step for step in (IngestStep(), TrainStep(), RegisterStep())}

    def register(event_id):
        seen = []
        shop = works.shop(store, pipeline)
        run_through(shop, steps, works.arrived("june.csv", event_id), watch=seen.append)
        return msgspec.structs.asdict(seen[-1].record)["facts"]["version"], seen[-1].record.reused

    return register


def test_the_same_work_after_its_version_was_removed_is_the_next_version_once(store, registered):
    registry = Registry(store)
    assert [registered("1"), registered("2")] == [(1, False), (1, True)]

    registry.remove("sum", 1)

    assert [registered("3"), registered("4")] == [(2, False), (2, True)]
    with pytest.raises(NotFoundError):
        registry.resolve(VersionName("sum", 1, None))


def test_what_a_run_has_registered_is_known_by_its_provenance_and_what_was_there_before_is_not_its_own(
    store, registered
):
    registered("1")
    registry = Registry(store)
    run = registry.resolve(VersionName("sum", 1, None)).provenance.run
    before = Seen(None, frozenset(), 0)

    assert registered_by(registry, "sum", run, before) == [1]
    assert registered_by(registry, "sum", "sums-0123456789abcdef", before) == []
    assert registered_by(registry, "sum", run, before._replace(newest=1)) == []
