"""Data is taken in from its location and from nowhere else, by digest; what can't be read ends the step."""

from hashlib import sha256

import msgspec
import pytest

from poorwill.errors import UnavailableError
from poorwill.pipeline.artifacts import read_artifact
from poorwill.pipeline.ingest import IngestStep
from poorwill.pipeline.perform import perform
from poorwill.store.opening import open_store
from tests.pipeline import works

GOOD = b"total,left,right\n3,1,2\n7,3,4\n"


@pytest.fixture
def location(tmp_path):
    """Make a folder where data arrives."""
    folder = tmp_path / "arrived"
    (folder / "incoming").mkdir(parents=True)
    (folder / "incoming" / "june.csv").write_bytes(GOOD)
    return folder


@pytest.fixture
def ingest(store, pipeline, location):
    def perform_for(key, event_id="1", **layout):
        spec = msgspec.structs.replace(
            pipeline.spec, steps=(msgspec.structs.replace(pipeline.spec.steps[0], **layout), *pipeline.spec.steps[1:])
        )
        shop = works.shop(store, pipeline._replace(spec=spec))
        return perform(shop, IngestStep(str(location)), works.arrived(key, event_id)).record

    return perform_for


def trouble(record):
    assert record.state == "failed"
    (found,) = record.troubles
    return f"{found.where}: wanted {found.wanted}, found {found.found}; {found.next}"


def test_an_object_is_in_the_store_by_its_digest_and_its_rows_are_counted(store, ingest):
    record = ingest("incoming/june.csv")

    (data,) = record.artifacts
    assert (data.name, data.media_type) == ("data", "text/csv")
    assert data.digest == f"sha256:{sha256(GOOD).hexdigest()}"
    assert read_artifact(store, data) == GOOD
    assert record.facts == {"rows": 2, "columns": 3, "object": "incoming/june.csv"}


def test_the_same_object_is_not_taken_in_twice_and_another_content_is(ingest, location):
    first, second = ingest("incoming/june.csv", "1"), ingest("incoming/june.csv", "2")
    (location / "incoming" / "june.csv").write_bytes(GOOD + b"1,1,0\n")
    third = ingest("incoming/june.csv", "3")

    assert [record.reused for record in (first, second, third)] == [False, True, False]
    assert third.artifacts[0].digest != second.artifacts[0].digest == first.artifacts[0].digest


def test_without_a_location_objects_come_from_the_store_itself(store, pipeline):
    store.put("incoming/july.csv", GOOD)

    record = perform(works.shop(store, pipeline), IngestStep(), works.arrived("incoming/july.csv")).record

    assert record.facts["rows"] == 2


@pytest.mark.parametrize(
    "key", ["../secret.csv", "/etc/passwd", "incoming/../../secret.csv", "a\\b", ".hidden", "a//b"]
)
def test_nothing_outside_the_location_is_named(ingest, location, key):
    (location.parent / "secret.csv").write_bytes(GOOD)

    told = trouble(ingest(key))

    assert told.startswith("event data.object: wanted the key of an object in the data location")
    assert key not in told


@pytest.mark.parametrize("target", ["secret.csv", "folder"])
def test_no_link_leads_out_of_the_location(ingest, location, target):
    (location.parent / "secret.csv").write_bytes(GOOD)
    (location.parent / "folder").mkdir()
    (location.parent / "folder" / "secret.csv").write_bytes(GOOD)
    (location / "link").symlink_to(location.parent / target)

    assert "found none of that name" in trouble(ingest("link" if target == "secret.csv" else "link/secret.csv"))


def test_an_object_comes_from_a_bucket(store, pipeline, moto, monkeypatch):
    for name, value in moto.environment.items():
        monkeypatch.setenv(name, value)
    location = f"s3://{moto.make_bucket()}/arrived"
    open_store(location).put("incoming/june.csv", GOOD)

    record = perform(works.shop(store, pipeline), IngestStep(location), works.arrived("incoming/june.csv")).record

    assert (record.state, record.facts["rows"]) == ("completed", 2)


def test_an_object_that_is_not_there_fails_the_run_and_says_so(ingest):
    assert trouble(ingest("incoming/may.csv")) == (
        "event data.object: wanted incoming/may.csv in the data location, found none of that name; "
        "put it there, then send the event again"
    )


def test_an_object_over_the_limit_is_not_taken_in(ingest):
    told = trouble(ingest("incoming/june.csv", size_limit_bytes=len(GOOD) - 1))

    assert told.startswith(f"incoming/june.csv: wanted {len(GOOD) - 1} bytes at most, found more")


def test_a_location_that_is_away_is_tried_again(store, pipeline, tmp_path):
    with pytest.raises(UnavailableError, match="data location"):
        perform(works.shop(store, pipeline), IngestStep(str(tmp_path / "none")), works.arrived("incoming/june.csv"))


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "wanted a header and rows, found no row"),
        (b"sum,left\n3,1\n", "wanted the target 'total', found 2 columns, none of that name"),
        (b"total,left\n3,1\n4\n", "incoming/june.csv, row 3: wanted 2 values, found 1"),
        (b"total,left\n3,\xe4\n", "line 2: wanted text in utf-8, found bytes that are none"),
    ],
)
def test_what_is_no_table_fails_the_run_and_nothing_is_kept_of_it(ingest, location, store, content, part):
    (location / "incoming" / "june.csv").write_bytes(content)

    record = ingest("incoming/june.csv")

    assert part in trouble(record)
    assert record.artifacts == ()
    assert not any(store.list(f"blobs/sha256/{sha256(content).hexdigest()}"))
