"""`poorwill send` before it reaches a cluster; what a Broker does with the event is tested on a twin."""

import pytest

from poorwill.cli.main import run


@pytest.fixture
def told(tmp_path, monkeypatch, capsys):
    """Run a command that can't be used in an empty folder, and return what it says."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments, code):
        assert run(list(arguments), {}) == code
        return capsys.readouterr().err

    return call


def test_all_that_is_wrong_with_an_event_is_told_at_once(told):
    words = told("send", "", "--source", "not a uri", "--attribute", "Upper=1", "--attribute", "none", code=2)

    assert [words.count(part) for part in ("  type", "  source", "(extension)", "--attribute")] == [1, 1, 1, 1]


def test_data_that_is_not_there_is_told(told):
    assert "--data" in told("send", "org.example.thing.happened", "--data", "@nothing.json", code=66)
