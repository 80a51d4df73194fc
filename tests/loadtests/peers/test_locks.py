"""What peers are installed from: every row has its lock, all run the models by one onnxruntime, no address is in it."""

import tomllib
from pathlib import Path

import pytest

from loadtests.peers.locks import LOCKED, versions
from loadtests.peers.rows import ALWAYS, BY_NAME, OURS, ROWS

OUR_LOCK = Path(__file__).parents[3] / "uv.lock"


def test_every_row_but_ours_is_a_peer_with_a_lock():
    assert set(ROWS) == {OURS, *ALWAYS, *BY_NAME}
    assert {path.stem for path in LOCKED.glob("*.txt")} == {*ALWAYS, *BY_NAME}


@pytest.mark.parametrize("name", [*ALWAYS, *BY_NAME])
def test_a_lock_has_what_its_row_tells_and_the_onnxruntime_that_we_have(name):
    packages = {each["name"]: each["version"] for each in tomllib.loads(OUR_LOCK.read_text())["package"]}

    assert "?" not in versions(name, ROWS[name].packages)
    assert versions(name, ["onnxruntime"]) == [packages["onnxruntime"]]


@pytest.mark.parametrize("path", sorted(LOCKED.iterdir()), ids=lambda path: path.name)
def test_a_lock_names_no_address_and_hashes_everything(path):
    text = path.read_text()
    bare = [line for line in text.splitlines() if "==" in line and not line.endswith("\\")]

    assert "://" not in text
    assert path.suffix != ".txt" or bare == []
