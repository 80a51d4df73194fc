"""Data beside its reference: what departs from it ends the run with a report, which programs and people can read."""

from html.parser import HTMLParser

import msgspec
import numpy as np
import pytest

from poorwill.errors import UnavailableError
from poorwill.pipeline.artifacts import read_artifact
from poorwill.pipeline.data import learn_file
from poorwill.pipeline.ingest import IngestStep
from poorwill.pipeline.keys import first_profile_key
from poorwill.pipeline.perform import perform
from poorwill.pipeline.profile import profile_json, read_profile
from poorwill.pipeline.validate import ValidateStep
from tests.pipeline import works

SPEC = """\
format: 1
pipeline: sums
model: sum
steps:
  - step: ingest
    target: total
  - step: validate
    {}
  - step: train
    function: train.py:train
"""


def lines(count=400, seed=0, change=lambda column, values: values):
    random = np.random.default_rng(seed)
    columns = {
        "total": random.integers(0, 3, count),
        "width": random.normal(size=count).round(4),
        "place": random.choice(["north", "south", "west"], count),
    }
    columns = {name: change(name, values.astype(object)) for name, values in columns.items()}
    rows = zip(*columns.values(), strict=True)
    return "\n".join([",".join(columns), *(",".join(map(str, row)) for row in rows)]) + "\n"


@pytest.fixture
def validated(store, tmp_path):
    """Return what performs ingest and validate for a CSV, by a spec with a reference, a profile, or neither."""

    def perform_both(content, step="reference: reference.csv", event_id="1"):
        folder = tmp_path / "sums"
        folder.mkdir(exist_ok=True)
        if not (folder / "reference.csv").exists():
            (folder / "reference.csv").write_text(lines())
        shop = works.shop(store, works.write_pipeline(folder, SPEC.format(step)))
        store.put(f"incoming/{event_id}.csv", content.encode())
        ingested = perform(shop, IngestStep(), works.arrived(f"incoming/{event_id}.csv", event_id))
        return perform(shop, ValidateStep(), ingested.reply).record

    return perform_both


def report(store, record):
    return msgspec.json.decode(read_artifact(store, record.artifacts[0]))


def failed(store, record):
    """Return (column, check) of what failed."""
    assert record.state == "failed"
    return [(check["column"], check["what"]) for check in report(store, record)["checks"] if not check["passed"]]


def only(name, change):
    return lambda column, values: change(values) if column == name else values


def some(value, every=5):
    def changed(values):
        values[::every] = value
        return values

    return changed


def test_data_like_its_reference_passes_and_its_own_profile_is_kept(store, validated):
    record = validated(lines(seed=1))

    assert record.state == "completed"
    assert record.facts == {"rows": 400, "checks": 14, "failed": 0, "reference": "reference.csv"}
    assert [artifact.name for artifact in record.artifacts] == [
        "validation", "validation.html", "validation.profile",
    ]  # fmt: skip
    assert report(store, record)["passed"]
    assert read_profile(read_artifact(store, record.artifacts[2]), "profile").rows == 400


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (lines(change=only("width", some(""))), [("width", "missing")]),
        (lines(change=only("width", some(99, 10))), [("width", "range")]),
        (lines(change=only("width", some("inf", 10))), [("width", "range")]),
        (lines(change=only("width", lambda values: values * 0.2)), [("width", "drift")]),
        (lines(change=only("width", some("wide", 100))), [("width", "type")]),
        (lines(change=only("total", some(0.5, 100))), [("total", "type")]),
        (lines(change=only("place", some("east", 10))), [("place", "categories")]),
        (lines(change=only("place", lambda values: np.full_like(values, "west"))), [("place", "drift")]),
        (lines(5), [("", "rows")]),
        (lines().replace("width", "breadth"), [("width", "columns"), ("breadth", "columns")]),
        ("width,total,place\n" + "1,1,north\n" * 20, [("", "columns")]),
    ],
    ids=lambda value: "-".join(value[0]) if isinstance(value, list) else "",
)
def test_each_departure_ends_the_run_by_the_check_that_it_breaks(store, validated, content, expected):
    found = failed(store, validated(content))

    assert [check for check in found if check in expected] == expected
    assert {column for column, _ in found} <= {column for column, _ in expected} | {"total", "width", "place"}


def test_a_failed_check_is_told_by_column_without_a_value(store, validated):
    record = validated(lines(change=only("place", some("hush", 10))))

    trouble = record.troubles[0]
    assert (trouble.where, trouble.found) == ("incoming/1.csv, column 'place'", "10 %")
    assert trouble.wanted.startswith("1 % at most outside the reference's 3 categories; in so few rows 3.57 %")
    assert "hush" not in msgspec.json.encode(record).decode()
    assert "hush" not in read_artifact(store, record.artifacts[1]).decode()


def test_limits_of_the_spec_decide(validated):
    wide = "reference: reference.csv\n    limits: {missing_percent: 30, drift: 9, new_category_percent: 30}"

    assert validated(lines(change=only("width", some(""))), wide).state == "completed"


@pytest.mark.parametrize("change", ["limits: {missing_percent: 0.5}", "reference: other.csv"])
def test_what_passed_is_looked_at_again_by_another_limit_or_reference(validated, tmp_path, change):
    content = lines(change=only("width", some("")))
    wide = "limits: {missing_percent: 30}"
    (tmp_path / "sums").mkdir()
    (tmp_path / "sums" / "other.csv").write_text(lines(change=only("width", lambda values: values + 5)))

    first, same, other = (validated(content, step, str(event)) for event, step in enumerate((wide, wide, change)))

    assert [(first.state, first.reused), (same.state, same.reused)] == [("completed", False), ("completed", True)]
    assert other.state == ("completed" if "limits" in change else "failed")
    assert other.key != same.key


def test_data_is_looked_at_again_when_its_reference_has_changed(validated, tmp_path):
    before = validated(lines(seed=1), event_id="1")
    (tmp_path / "sums" / "reference.csv").write_text(lines(change=only("width", lambda values: values + 5)))

    after = validated(lines(seed=1), event_id="2")

    assert (before.state, after.state) == ("completed", "failed")


def test_few_rows_depart_no_further_than_chance_explains(validated):
    assert [validated(lines(12, seed), event_id=f"{seed}").state for seed in range(8)] == ["completed"] * 8


def test_a_profile_beside_the_spec_may_be_changed_by_people(store, validated, pipeline, tmp_path):
    validated(lines())
    profile = learn_file(pipeline.spec, tmp_path / "sums" / "reference.csv")
    value = msgspec.json.decode(profile_json(profile))
    value["columns"][1]["highest"] = 100.0
    (tmp_path / "sums" / "profile.json").write_bytes(msgspec.json.encode(value))

    record = validated(lines(seed=1, change=only("width", some(99, 10))), "profile: profile.json", "2")

    assert record.state == "completed"


def test_a_profile_with_a_fault_fails_the_run_by_its_place(validated, tmp_path):
    (tmp_path / "sums").mkdir()
    (tmp_path / "sums" / "profile.json").write_text('{"format":1,"target":"total","rows":3,"colums":[]}')

    record = validated(lines(), "profile: profile.json")

    assert record.troubles[0].where == "profile.json, colums"


def test_the_first_data_is_the_reference_of_all_that_comes_later(store, validated):
    first = validated(lines(), "limits: {rows: 20}", "1")
    few = validated(lines(8), "limits: {rows: 20}", "2")
    other = validated(lines(change=only("width", lambda values: values + 5)), "limits: {rows: 20}", "3")

    assert first.facts["reference"] == "the first data that came"
    assert failed(store, few) == [("", "rows")]
    assert ("width", "range") in failed(store, other)


def test_data_that_came_first_meanwhile_makes_this_wait(store, tmp_path):
    pipeline = works.write_pipeline(tmp_path / "sums", SPEC.format("{}").replace("    {}\n", ""))
    shop = works.shop(store, pipeline)
    store.put("june.csv", lines().encode())
    ingested = perform(shop, IngestStep(), works.arrived("june.csv"))

    class Overtaken(ValidateStep):
        def run(self, work):
            store.put_if_absent(first_profile_key("sums"), b"another")
            return super().run(work)

    with pytest.raises(UnavailableError, match="found other data, that came meanwhile"):
        perform(shop, Overtaken(), ingested.reply)


def test_too_few_rows_are_no_reference(store, validated):
    few = validated(lines(8), "limits: {rows: 20}", "1")
    first = validated(lines(change=only("width", lambda values: values + 5)), "limits: {rows: 20}", "2")

    assert (few.state, first.state) == ("failed", "completed")


def test_codes_that_were_text_are_text_where_all_are_numbers_by_chance(validated, tmp_path):
    (tmp_path / "sums").mkdir()
    (tmp_path / "sums" / "reference.csv").write_text("total,code\n" + "1,7\n1,7b\n" * 20)

    assert validated("total,code\n" + "1,7\n" * 10).state == "completed"


class _Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.addresses = [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.addresses += [value for name, value in attributes if name in {"src", "href", "action"}]


def test_the_page_needs_nothing_else_and_names_are_no_markup(store, validated, tmp_path):
    (tmp_path / "sums").mkdir()
    name = '"<script>alert(1)</script>"'
    (tmp_path / "sums" / "reference.csv").write_text(f"total,{name}\n" + "1,7\n" * 20)

    page = read_artifact(store, validated(f"total,{name}\n" + "1,9\n" * 20).artifacts[1]).decode()

    parsed = _Page()
    parsed.feed(page)
    assert parsed.addresses == []
    assert not {"script", "img", "link", "iframe"} & set(parsed.tags)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "checks failed: the run stops here" in page
