"""`poorwill serve` takes one version and settings as flags, and says what it does not understand."""

import pytest

from poorwill.cli.serve import parse, usage
from poorwill.errors import UsageError
from poorwill.settings import SERVED


def test_flags_are_settings_with_a_value_behind_a_space_or_an_equals_sign():
    given = parse(["digits@1", "--port", "9000", "--store=s3://models"])

    assert given == {"model": "digits@1", "port": "9000", "store": "s3://models"}


def test_every_word_that_is_not_understood_is_named_by_its_place():
    with pytest.raises(UsageError) as caught:
        parse(["digits@1", "--prot", "9000", "more", "--store"])

    assert [fault.found for fault in caught.value.faults] == [
        "something else as word 2",
        "something else as word 3",
        "something else as word 4",
        "none",
    ]


def test_the_help_names_every_setting():
    text = usage()

    assert all(setting.flag in text and setting.variable in text for setting in SERVED)
