"""Settings are rows: read once, a flag over the environment over the default."""

import pytest

from poorwill.errors import UsageError
from poorwill.settings import SETTINGS, read


def test_a_flag_wins_over_the_environment_and_the_environment_over_the_default():
    settings = read({"POORWILL_STORE": "s3://models", "PORT": "9000"}, {"port": "9001"})

    assert (settings.store, settings.port, settings.host) == ("s3://models", 9001, "127.0.0.1")


def test_every_value_that_cannot_be_used_is_named_in_one_error():
    with pytest.raises(UsageError) as caught:
        read({"PORT": "70000", "POORWILL_LOG_RATIO": "often"})

    assert [fault.where for fault in caught.value.faults] == ["--port (PORT)", "--log-ratio (POORWILL_LOG_RATIO)"]


def test_an_error_never_quotes_the_value_it_refuses():
    with pytest.raises(UsageError) as caught:
        read({"POORWILL_GRACE_SECONDS": "hunter2"})

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_default_can_be_written_and_read_back(setting):
    settings = read({setting.variable: str(setting.row.default)})

    assert getattr(settings, setting.name) == setting.row.default
