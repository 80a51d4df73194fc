"""What a label selector means, and what of that can be told from an object's bytes alone."""

import msgspec
import pytest

from poorwill.local.api.selectors import labels_held, labels_match

LABELS = {"poorwill.dev/model": "iris", "tier": "", "number": "7"}


@pytest.mark.parametrize(
    ("selector", "held"),
    [
        ("poorwill.dev/model=iris", (b'"poorwill.dev/model":"iris"',)),
        ("poorwill.dev/model==iris,tier=", (b'"poorwill.dev/model":"iris"', b'"tier":""')),
        ("poorwill.dev/model,!other,number>3,tier!=a,number in (7,8)", ()),
    ],
)
def test_whatever_is_selected_holds_the_labels_that_must_have_one_value(selector, held):
    obj = {"metadata": {"labels": LABELS}}

    assert labels_held(selector) == held
    assert labels_match(selector)(obj)
    assert all(each in msgspec.json.encode(obj) for each in held)
