"""All models at once, by a few requests however many versions there are."""

from collections import Counter

import pytest

from poorwill.registry.keys import alias_key, index_key
from poorwill.registry.listing import listed_models
from poorwill.registry.registry import Registry
from poorwill.store.opening import open_store


class Counted:
    """A store that counts what it is asked."""

    def __init__(self, store):
        self.store, self.asked = store, Counter()

    def get(self, key):
        self.asked[key] += 1
        return self.store.get(key)

    def list(self, prefix):
        self.asked["list"] += 1
        return self.store.list(prefix)


@pytest.fixture
def store(tmp_path, sum_file):
    made = open_store(str(tmp_path / "store"), create=True)
    for name in ("plain", "sums"):
        for _ in range(3):
            Registry(made).push(sum_file, name)
    Registry(made).alias("sums", "champion", 2)
    return made


def test_one_listing_and_a_read_of_each_index_and_alias_is_all(store):
    counted = Counted(store)

    found = list(listed_models(counted))

    assert [(each.model, [entry.version for entry in each.versions], each.aliases) for each in found] == [
        ("plain", [1, 2, 3], {}),
        ("sums", [1, 2, 3], {"champion": 2}),
    ]
    assert counted.asked == {
        "list": 1,
        index_key("plain"): 1,
        index_key("sums"): 1,
        alias_key("sums", "champion"): 1,
    }


def test_a_version_that_an_index_lacks_is_read_from_its_record(store, sum_file):
    before = store.get(index_key("sums")).data
    Registry(store).push(sum_file, "sums")
    store.put(index_key("sums"), before)

    assert [len(each.versions) for each in listed_models(store)] == [3, 4]
