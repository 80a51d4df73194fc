"""Secrets and ConfigMaps as files of a pod's own, and the variables that lead there."""

from base64 import b64encode

import pytest

from poorwill.kinds.kind import CONFIG_MAP, SECRET
from poorwill.local.pods.volumes import Files, absent, led, write

OBJECTS = {
    (SECRET, "keys"): {"data": {"one.pem": b64encode(b"secret").decode(), "two": ""}},
    (CONFIG_MAP, "names"): {"data": {"a": "b"}, "binaryData": {"c": b64encode(b"\xff").decode()}},
}
KEYS, NAMES = Files(SECRET, "keys", "/etc/keys"), Files(CONFIG_MAP, "names", "/names")


def look_up(kind, name):
    return OBJECTS.get((kind, name))


def test_each_key_is_a_file_of_the_pods_own(tmp_path):
    places = write((KEYS, NAMES), tmp_path / "files", look_up)

    assert {path.name: path.read_bytes() for path in places["/etc/keys"].iterdir()} == {
        "one.pem": b"secret",
        "two": b"",
    }
    assert {path.name: path.read_bytes() for path in places["/names"].iterdir()} == {"a": b"b", "c": b"\xff"}
    assert all(place.is_relative_to(tmp_path) for place in places.values())


def test_a_key_that_is_gone_is_no_file_at_the_next_start(tmp_path, monkeypatch):
    write((NAMES,), tmp_path, look_up)
    monkeypatch.setitem(OBJECTS, (CONFIG_MAP, "names"), {"data": {"b": ""}})

    places = write((NAMES,), tmp_path, look_up)

    assert [path.name for path in places["/names"].iterdir()] == ["b"]


def test_items_choose_keys_and_name_their_files_in_the_folder_and_nowhere_else(tmp_path):
    chosen = KEYS._replace(items=(("one.pem", "deep/key"), ("two", "../../out")))

    places = write((chosen,), tmp_path / "files", look_up)

    assert (places["/etc/keys"] / "deep" / "key").read_bytes() == b"secret"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [places["/etc/keys"] / "deep" / "key"]


def test_variables_that_hold_the_path_or_one_in_it_are_led_there(tmp_path):
    values = {"A": "/etc/keys/one.pem", "B": "/etc/keys", "C": "/etc/keyss", "D": "see /etc/keys"}

    assert led(values, {"/etc/keys": tmp_path}) == {
        **values,
        "A": f"{tmp_path}/one.pem",
        "B": str(tmp_path),
    }


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (KEYS, ""),
        (Files(SECRET, "away", "/x"), 'secret "away" not found'),
        (Files(SECRET, "away", "/x", optional=True), ""),
        (KEYS._replace(items=(("three", "three"),)), "references non-existent secret key: three"),
    ],
)
def test_what_is_not_there_is_waited_for_unless_it_need_not_be(files, words):
    assert absent((files,), look_up) == words


def test_what_need_not_be_there_is_an_empty_folder(tmp_path):
    places = write((Files(SECRET, "away", "/x", optional=True),), tmp_path, look_up)

    assert not list(places["/x"].iterdir())
