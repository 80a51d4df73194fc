"""Where a store is, by its URL."""

import pytest

from poorwill.errors import UnavailableError, UsageError
from poorwill.store.location import Bucket, parse_location
from poorwill.store.opening import open_store


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("./store", "./store"),
        ("/srv/store", "/srv/store"),
        ("s3://models", Bucket("models", "")),
        ("s3://models/", Bucket("models", "")),
        ("s3://models/team/a/", Bucket("models", "team/a/")),
        ("gs://models/team", Bucket("models", "team/", "gs")),
        ("az://account/models", Bucket("models", "", "az", "account")),
        ("az://account/models/team", Bucket("models", "team/", "az", "account")),
    ],
)
def test_a_url_names_a_folder_or_a_bucket_with_a_prefix(url, expected):
    assert parse_location(url) == expected


@pytest.mark.parametrize(
    "url", ["s3://", "s3:///prefix", "gs://", "az://account", "az:///models", "https://example.org/store"]
)
def test_any_other_url_is_refused(url):
    with pytest.raises(UsageError, match="wanted a folder, s3://bucket/prefix"):
        parse_location(url)


def test_a_folder_that_is_not_there_is_not_an_empty_store(tmp_path):
    with pytest.raises(UnavailableError, match="found no folder there; check --store"):
        open_store(str(tmp_path / "typo"))


def test_a_folder_is_made_where_that_is_asked_for(tmp_path):
    open_store(str(tmp_path / "new" / "store"), create=True)

    assert list(open_store(str(tmp_path / "new" / "store")).list("")) == []


def test_a_folder_that_can_not_be_made_is_told_as_such(tmp_path):
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(UnavailableError, match="found file exists"):
        open_store(str(tmp_path / "file"), create=True)
