"""A twin keeps to a folder of its own, and leaves those of others as they are."""

import stat
import subprocess
import sys

import pytest

from poorwill.errors import UsageError
from poorwill.local.access import access
from poorwill.local.folder import Running, TwinFolder
from poorwill.local.state import State

RUNNING = Running(pid=1, port=2, api_port=3, data_path="envoy", started="2026-01-01T00:00:00Z")


def files(folder):
    return {path.relative_to(folder): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def others(tmp_path):
    """Make a folder of somebody else's, with names that a twin has, too."""
    folder = tmp_path / "others"
    for name in ("images/photo", "pods/list", "lock", "kubeconfig", ".gitignore", "twin.log"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("kept")
    return folder


def used(folder):
    """Use a folder as a twin does."""
    with folder.held():
        folder.announce(RUNNING)
        State(folder.state).close()
        access(folder.path, 1234)
        folder.keep_api_port(1234)
        for name in ("images", "pods", "envoy"):
            (folder.path / name / "within").mkdir(parents=True)
        for log in (folder.log, folder.path / "envoy.log"):
            log.write_text("words")


@pytest.mark.parametrize("before", [False, True])
def test_a_folder_that_is_new_or_empty_becomes_a_twins_closed_and_unseen_by_git(tmp_path, before):
    path = tmp_path / "twin"
    if before:
        path.mkdir(mode=0o700)

    TwinFolder(path).make()

    assert TwinFolder(path).is_twins
    assert (path / ".gitignore").read_text() == "*\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_what_its_owner_wrote_into_a_twins_folder_stays(tmp_path):
    folder = TwinFolder(tmp_path / "twin")
    folder.make()
    (folder.path / ".gitignore").write_text("*\n!notes\n")

    with folder.held():
        pass

    assert (folder.path / ".gitignore").read_text() == "*\n!notes\n"


def test_a_folder_with_something_else_is_neither_used_nor_purged(others):
    before = files(others)

    for use in (TwinFolder(others).make, TwinFolder(others).purge):
        with pytest.raises(UsageError):
            use()

    assert files(others) == before


def test_a_purged_twin_leaves_nothing(tmp_path):
    folder = TwinFolder(tmp_path / "twin")
    used(folder)

    folder.purge()

    assert not folder.path.exists()
    folder.purge()


def test_a_purged_twin_leaves_what_others_put_beside_its_files(tmp_path):
    folder = TwinFolder(tmp_path / "twin")
    used(folder)
    (folder.path / "notes").write_text("mine")

    folder.purge()

    assert [path.name for path in folder.path.iterdir()] == ["notes"]


@pytest.mark.parametrize("command", [["up"], ["up", "--detach"], ["down", "--purge"]])
def test_a_command_on_somebody_elses_folder_says_so_and_ends_as_other_usage_does(others, command):
    before = files(others)

    done = subprocess.run(
        [sys.executable, "-m", "poorwill", *command, "--twin", str(others)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 2, done.stderr
    assert "wanted  a twin's own" in done.stderr
    assert files(others) == before
