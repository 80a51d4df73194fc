"""API keys are known by their digests alone, and can be replaced while the server runs."""

from hashlib import sha256

import pytest

from poorwill.errors import UsageError
from poorwill.serving.auth.api_key_files import file_version, read_digests
from poorwill.serving.auth.api_keys import ApiKeys, parse_digests


def entry(name, key):
    return f"{name}=sha256:{sha256(key.encode()).hexdigest()}"


def test_each_key_lets_in_who_it_is_named_for_and_no_other_does():
    keys = ApiKeys(lambda: parse_digests(f"{entry('ci', 'one')},{entry('web', 'two')}", "here"))

    assert [keys("one").name, keys("two").name, keys("three"), keys("")] == ["ci", "web", None, None]


def test_a_digest_itself_lets_nobody_in():
    keys = ApiKeys(lambda: parse_digests(entry("ci", "one"), "here"))

    assert keys(sha256(b"one").hexdigest()) is None
    assert keys(entry("ci", "one")) is None


@pytest.mark.parametrize(
    "text",
    ["", "# none yet", "ci=one", "ci=sha256:00", f"CI=sha256:{'0' * 64}", f"ci=sha256:{'A' * 64}"],
)
def test_a_list_that_lets_nobody_in_or_holds_something_else_is_refused_unquoted(text):
    with pytest.raises(UsageError) as caught:
        parse_digests(text, "here")

    assert "ci=one" not in str(caught.value)


def test_a_name_twice_is_refused():
    with pytest.raises(UsageError):
        parse_digests(f"{entry('ci', 'one')}\n{entry('ci', 'two')}", "here")


def test_lines_commas_and_comments_may_be_mixed():
    text = f"# who\n{entry('a', '1')}, {entry('b', '2')} # two\n\n{entry('c', '3')}\n"

    assert set(parse_digests(text, "here")) == {"a", "b", "c"}


def test_a_folder_has_a_file_for_each_name_as_a_mounted_secret_has(tmp_path):
    for name, key in (("ci", "one"), ("web", "two")):
        (tmp_path / name).write_text(entry("x", key).partition("=")[2] + "\n")
    (tmp_path / "..data").mkdir()

    keys = ApiKeys(lambda: read_digests(tmp_path))

    assert [keys("one").name, keys("two").name] == ["ci", "web"]


def test_a_changed_file_counts_after_seconds_and_a_broken_one_changes_nothing_but_is_told(tmp_path):
    file, now, told = tmp_path / "keys", [0.0], []
    file.write_text(entry("old", "one"))
    keys = ApiKeys(lambda: read_digests(file), lambda: file_version(file), clock=lambda: now[0], told=told.append)

    file.write_text(f"{entry('old', 'one')}\n{entry('new', 'two')}")
    assert keys("two") is None
    now[0] = 6
    assert (keys("one").name, keys("two").name) == ("old", "new")
    file.write_text("nonsense")
    now[0] = 12
    assert keys("two").name == "new"
    assert [error.kind for error in told] == ["usage"]


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UsageError):
        read_digests(tmp_path / "none")
