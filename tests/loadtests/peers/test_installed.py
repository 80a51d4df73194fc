"""What can't be installed is left out of a run and said to be."""

import subprocess
from pathlib import Path

from loadtests.peers import __main__ as command
from loadtests.peers.rows import OURS


def make_locked(folder, _lock, _python):
    if folder.name == "kserve":
        raise subprocess.CalledProcessError(1, "uv")
    return folder / "bin"


def test_a_peer_that_can_not_be_installed_is_said_to_be_missing_and_the_others_stay(monkeypatch, capsys):
    monkeypatch.setattr(command.environments, "make", lambda *_: Path("ours"))
    monkeypatch.setattr(command.environments, "make_locked", make_locked)

    bins, missing = command._installed(["fastapi", "kserve"])

    assert list(bins) == [OURS, "fastapi"]
    assert missing == {("all models", "kserve"): "it can't be installed here"}
    assert "KServe can't be installed here, and is left out" in capsys.readouterr().err
