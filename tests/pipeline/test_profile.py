"""A profile says what data looks like, in one pass, and comes back from JSON as it was, or with all its faults."""

import msgspec
import numpy as np
import pytest
from scipy.stats import binom, chi2

from poorwill.errors import RefusedError
from poorwill.pipeline import arrow_table
from poorwill.pipeline import profile as profiles
from poorwill.pipeline.drift import by_chance, percent_by_chance, stability_index
from poorwill.pipeline.profile import learn, profile_json, read_profile
from poorwill.pipeline.seen import see, together
from poorwill.pipeline.spec import Ingest
from poorwill.pipeline.table import Source, Words, open_table


@pytest.fixture
def table(tmp_path):
    def of(*lines):
        path = tmp_path / "data.csv"
        path.write_text("\n".join(lines) + "\n")
        return open_table(Source(path, Ingest(step="ingest", target="truth"), "june.csv"))

    return of


def test_numbers_have_a_range_a_mean_and_tenths(table):
    profile = learn(table("truth,width", *(f"1,{row / 2}" for row in range(100)), "1,", "1,inf"))

    width = profile.columns[1]
    assert (width.missing, width.whole, width.lowest, width.highest, width.mean) == (1, False, 0, 49.5, 24.75)
    assert len(width.edges) == 9
    assert sum(width.counts) == 101
    assert max(width.counts[:-1]) - min(width.counts[:-1]) <= 1
    assert profile.columns[0].whole


def test_infinite_numbers_are_of_no_range_and_no_edge(table):
    profile = learn(table("truth,width", *(f"1,{row}" for row in range(10)), *["1,-inf", "1,inf"] * 9))

    width = profile.columns[1]
    assert (width.lowest, width.highest, width.mean) == (0, 9, 4.5)
    assert np.isfinite(width.edges).all()
    assert sum(width.counts) == 28


def test_numbers_of_which_most_are_equal_have_fewer_bins(table):
    profile = learn(table("truth,width", *(f"1,{max(0, row - 80)}" for row in range(100))))

    assert profile.columns[0].edges == ()
    assert profile.columns[1].edges == (0, 9)
    assert profile.columns[1].counts == (81, 9, 10)


def test_text_has_categories_unless_they_are_many_or_long(table):
    lines = [f"{'no' if row % 3 else 'yes'},person {row},{'x' * 201},{row % 2 or ''}" for row in range(60)]
    profile = learn(table("truth,name,essay,flag", *lines, "yes,,,q"))

    truth, name, essay, flag = profile.columns
    assert (truth.categories, truth.counts) == (("no", "yes"), (40, 21))
    assert (name.categories, name.counts, name.missing) == ((), (), 1)
    assert (essay.categories, essay.missing) == ((), 1)
    assert (flag.categories, flag.counts, flag.missing) == (("1", "q"), (30, 1), 30)


def test_what_is_more_than_the_sample_is_learnt_from_the_same_rows_each_time(table, monkeypatch):
    monkeypatch.setattr(profiles, "_SAMPLE_ROWS", 500)
    monkeypatch.setattr(arrow_table, "_BLOCK_BYTES", 1 << 16)
    numbers = np.sort(np.random.default_rng(0).normal(size=20_000))
    data = table("truth,width", *(f"1,{number}" for number in numbers))

    once, again = learn(data), learn(data)

    width = once.columns[1]
    assert once == again
    assert sum(width.counts) == 500
    assert (width.lowest, width.highest) == (numbers.min(), numbers.max())
    assert np.allclose(width.edges, np.quantile(numbers, np.arange(1, 10) / 10), atol=0.2)


def test_a_profile_comes_back_from_its_json(table):
    profile = learn(table("truth,width,colour", "1,2.5,red", "0,,blue", "1,3,"))

    assert read_profile(profile_json(profile), "profile.json") == profile


def test_every_fault_of_a_profile_that_people_changed_is_told(table):
    value = msgspec.json.decode(profile_json(learn(table("truth,width,colour", "1,2.5,red", "0,1,blue", "1,3,"))))
    value["columns"][1] |= {"edges": [3, 1], "lowest": 9}
    value["columns"][2]["categories"] = ["red", "red", "green"]

    with pytest.raises(RefusedError) as caught:
        read_profile(msgspec.json.encode(value), "profile.json")

    assert [fault.where for fault in caught.value.faults] == [
        "profile.json, columns[1].edges", "profile.json, columns[1].lowest",
        "profile.json, columns[2].counts", "profile.json, columns[2].categories",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "part"),
    [
        (b"nothing", "wanted a profile in JSON"),
        (b"[]", "profile.json, the whole"),
        (b'{"format":1,"target":"t","rows":1,"colums":[]}', "profile.json, colums"),
        (b'{"format":1,"target":"t","rows":"many","columns":[]}', "profile.json, rows: wanted a whole number"),
        (b'{"format":2,"target":"t","rows":1,"columns":[]}', "profile.json, format"),
    ],
)
def test_what_is_no_profile_is_refused(document, part):
    with pytest.raises(RefusedError) as caught:
        read_profile(document, "profile.json")

    assert part in str(caught.value)


def test_parts_that_were_seen_apart_are_the_whole(table):
    data = table("truth,width,colour", *(f"{row % 2},{row or ''},{'red' if row % 5 else 'blue'}" for row in range(50)))
    profile = learn(data)
    (batch,) = data.batches()
    halves = [
        {
            name: Words(values.codes[rows], values.values) if isinstance(values, Words) else values[rows]
            for name, values in batch.columns.items()
        }
        for rows in (slice(0, 20), slice(20, 50))
    ]

    whole, summed = see(profile, batch.columns), together(see(profile, halves[0]), see(profile, halves[1]))

    assert {name: (*seen[:6], *seen.counts) for name, seen in whole.items()} == {
        name: (*seen[:6], *seen.counts) for name, seen in summed.items()
    }
    assert tuple(whole["colour"].counts) == (*profile.columns[2].counts, 0)


def test_the_index_is_nothing_for_equal_shares_and_grows_with_their_distance():
    assert stability_index([500, 500], [50_000, 50_000]) == pytest.approx(0, abs=1e-6)
    assert stability_index([500, 500], [600, 400]) == pytest.approx(0.1 * np.log(1.2) - 0.1 * np.log(0.8), rel=0.01)
    assert stability_index([500, 500], [1000, 0]) > 3
    assert stability_index([0, 0], [1, 2]) == 0


@pytest.mark.parametrize("bins", [2, 3, 10, 50])
@pytest.mark.parametrize("columns", [1, 64])
def test_what_chance_explains_is_the_quantile_of_chi_squared(bins, columns):
    exact = chi2.ppf(1 - 0.001 / columns, bins - 1) * (1 / 1000 + 1 / 500)

    assert 0.99 < by_chance([1000 / bins] * bins, [500 / bins] * bins, columns) / exact < (1.02 if bins > 3 else 1.11)


def test_data_of_the_same_kind_hardly_ever_drifts():
    random = np.random.default_rng(1)
    alarms = 0
    for _ in range(2000):
        before, now = (np.bincount(random.integers(0, 10, rows), minlength=10) for rows in (500, 60))
        alarms += stability_index(before, now) > by_chance(before, now, 1)

    assert alarms <= 20


@pytest.mark.parametrize("rows", [1, 10, 300, 100_000])
@pytest.mark.parametrize("columns", [1, 64])
def test_a_percent_over_what_chance_explains_is_rarer_than_its_false_alarms(rows, columns):
    allowed = percent_by_chance(1, rows, columns)

    assert binom.sf(np.floor(allowed / 100 * rows), rows, 0.01) <= 0.001 / columns
    assert allowed < 1 + 400 / np.sqrt(rows) + 1500 / rows


def test_a_limit_of_nothing_at_all_is_no_matter_of_chance():
    assert [percent_by_chance(limit, 10, 3) for limit in (0, 100, 130)] == [0, 100, 130]
