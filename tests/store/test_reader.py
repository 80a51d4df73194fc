"""What a predictor reads with: the same bytes as were stored, or a refusal."""

import hashlib
import os
import subprocess
import sys

import pytest

from poorwill.errors import CorruptError, NotFoundError, UsageError
from poorwill.store.opening import open_store
from poorwill.store.reader import open_reader

SMALL, BIG = b"a small model", os.urandom(9 << 20)


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.fixture
def reader(store, store_url):
    return open_reader(store_url)


@pytest.mark.parametrize("content", [b"", SMALL, BIG], ids=["empty", "small", "big"])
def test_a_blob_is_fetched_and_saved_as_it_was_stored(store, reader, content, tmp_path):
    store.put("blobs/x", content)

    reader.save("blobs/x", digest(content), len(content), str(tmp_path / "saved"))

    assert reader.get("blobs/x") == content
    assert reader.fetch("blobs/x", digest(content), len(content)) == content
    assert (tmp_path / "saved").read_bytes() == content


@pytest.mark.parametrize("content", [SMALL, BIG], ids=["small", "big"])
def test_a_changed_byte_is_found_and_both_digests_are_named(store, reader, content, tmp_path):
    changed = content[:-1] + bytes([content[-1] ^ 1])
    store.put("blobs/x", changed)

    with pytest.raises(CorruptError, match=f"wanted {digest(content)}, found {digest(changed)}"):
        reader.fetch("blobs/x", digest(content), len(content))
    with pytest.raises(CorruptError):
        reader.save("blobs/x", digest(content), len(content), str(tmp_path / "saved"))


@pytest.mark.parametrize("content", [SMALL, BIG], ids=["small", "big"])
@pytest.mark.parametrize("change", [-1, 1])
def test_a_blob_of_another_length_is_refused(store, reader, content, change):
    store.put("blobs/x", content)

    with pytest.raises(CorruptError, match=f"wanted {len(content) + change} bytes of sha256:"):
        reader.fetch("blobs/x", digest(content), len(content) + change)


def test_a_blob_that_is_not_there_is_not_found(store, reader):
    with pytest.raises(NotFoundError):
        reader.fetch("blobs/x", digest(SMALL), len(SMALL))


def test_no_key_leads_out_of_the_store(reader):
    with pytest.raises(UsageError):
        reader.get("../secret")


def test_many_fetches_work_with_one_reader(store, reader):
    for number in range(20):
        store.put(f"blobs/{number}", b"%d" % number)

    assert [reader.get(f"blobs/{number}") for number in range(20)] == [b"%d" % number for number in range(20)]


def test_the_reader_of_a_folder_imports_no_engine_and_nothing_heavy(tmp_path):
    store = open_store(str(tmp_path / "store"), create=True)
    store.put("a", b"one")
    code = """if True:
        import sys
        from poorwill.store.reader import open_reader
        open_reader(sys.argv[1]).get("a")
        print(*sorted(set(name.partition(".")[0] for name in sys.modules)))
    """

    loaded = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{code}", tmp_path / "store"],
        capture_output=True,
        text=True,
        check=True,
    )

    heavy = {"boto3", "botocore", "obstore", "logging", "pathlib", "json", "inspect", "dataclasses", "asyncio"}
    assert heavy & set(loaded.stdout.split()) == set()
