"""What the registry relies on, of every store alike."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from poorwill.errors import ConflictError, NotFoundError, UsageError
from poorwill.store.opening import open_store


def test_what_was_put_is_what_is_got(store):
    store.put("models/a/x.json", b"one")

    assert store.get("models/a/x.json").data == b"one"


def test_a_put_writes_over(store):
    store.put("a", b"one")
    store.put("a", b"two, longer")

    assert store.get("a").data == b"two, longer"


def test_an_empty_object_is_an_object(store):
    store.put("a", b"")

    assert store.get("a").data == b""
    assert [entry.size_bytes for entry in store.list("a")] == [0]


def test_a_file_is_put_and_streamed(store, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"0123456789" * 300_000)

    store.put("blobs/big", path)

    assert b"".join(store.stream("blobs/big")) == path.read_bytes()


@pytest.mark.parametrize("read", [lambda store: store.get("a/b"), lambda store: list(store.stream("a/b"))])
def test_what_is_not_there_is_not_found(store, read):
    store.put("a/c", b"")

    with pytest.raises(NotFoundError):
        read(store)


def test_a_list_tells_keys_sizes_and_ages_of_one_prefix(store):
    before = time.time()
    for key in ("models/a/1", "models/a/22", "models/b/1", "modelsx"):
        store.put(key, key.encode())

    entries = {entry.key: entry for entry in store.list("models/")}

    assert sorted(entries) == ["models/a/1", "models/a/22", "models/b/1"]
    assert entries["models/a/22"].size_bytes == len("models/a/22")
    assert abs(entries["models/a/22"].modified_seconds - before) < 60
    assert [entry.key for entry in store.list("models/a/2")] == ["models/a/22"]
    assert list(store.list("nothing/")) == []


def test_a_put_makes_an_object_younger(store):
    store.put("a", b"one")
    (first,) = store.list("a")
    deadline = time.monotonic() + 30

    while time.monotonic() < deadline:  # S3 tells whole seconds
        store.put("a", b"one")
        (second,) = store.list("a")
        if second.modified_seconds > first.modified_seconds:
            break

    assert second.modified_seconds > first.modified_seconds


def test_a_deleted_object_is_gone_and_may_be_deleted_again(store):
    store.put("a", b"one")
    store.delete("a")
    store.delete("a")

    assert list(store.list("")) == []


def test_put_if_absent_writes_once(store):
    store.put_if_absent("a", b"one")

    with pytest.raises(ConflictError):
        store.put_if_absent("a", b"two")

    assert store.get("a").data == b"one"


def test_put_if_match_writes_over_what_was_read_and_nothing_else(store):
    first = store.put_if_absent("a", b"one")
    read = store.get("a").etag
    second = store.put_if_match("a", b"two", first)

    with pytest.raises(ConflictError):
        store.put_if_match("a", b"three", first)

    assert read == first
    assert store.get("a") == (b"two", second)


def test_put_if_match_makes_nothing(store):
    store.put("a", b"one")

    with pytest.raises(ConflictError):
        store.put_if_match("b", b"two", store.get("a").etag)

    assert [entry.key for entry in store.list("")] == ["a"]


def attempt(call, *arguments) -> bool:
    try:
        call(*arguments)
    except ConflictError:
        return False
    return True


def test_of_many_that_put_if_absent_at_once_one_succeeds(store, store_url):
    with ThreadPoolExecutor(4) as pool:
        stores = [open_store(store_url, create=True) for _ in range(4)]
        done = list(pool.map(lambda pair: attempt(pair[1].put_if_absent, "a", b"%d" % pair[0]), enumerate(stores)))

    assert done.count(True) == 1
    assert store.get("a").data == b"%d" % done.index(True)


def test_of_many_that_put_if_match_at_once_none_is_lost(store, store_url):
    store.put_if_absent("count", b"0")
    stores = [open_store(store_url) for _ in range(4)]

    def add(own):
        added = 0
        while added < 5:
            found = own.get("count")
            added += attempt(own.put_if_match, "count", b"%d" % (int(found.data) + 1), found.etag)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, stores))

    assert store.get("count").data == b"20"


@pytest.mark.parametrize("use", ["get", "stream", "put", "put_if_absent", "put_if_match", "delete"])
def test_no_key_leads_out_of_the_store(store, use):
    more = {"put": (b"",), "put_if_absent": (b"",), "put_if_match": (b"", "tag")}.get(use, ())

    for key in ("../a", "a/../b", "/a", "a//b", "", ".a", "a/.b", "a\\b", "a\0b", "é", "a" * 513):
        with pytest.raises(UsageError, match="plain names"):
            list(getattr(store, use)(key, *more))
