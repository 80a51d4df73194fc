"""An image's name is taken apart as registries take it."""

import pytest

from poorwill.delivery.image.reference import parse_reference
from poorwill.errors import UsageError

DIGEST = f"sha256:{'c' * 64}"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("digits", ("digits", "", "")),
        ("team/digits:1", ("team/digits", "1", "")),
        ("registry.example:5000/team/digits", ("registry.example:5000/team/digits", "", "")),
        ("127.0.0.1:5000/digits:v1.2", ("127.0.0.1:5000/digits", "v1.2", "")),
        (f"ghcr.io/team/digits:1@{DIGEST}", ("ghcr.io/team/digits", "1", DIGEST)),
        (f"localhost:80/digits@{DIGEST}", ("localhost:80/digits", "", DIGEST)),
    ],
)
def test_a_name_has_a_repository_and_perhaps_a_tag_and_a_digest(text, parts):
    assert parse_reference(text, "here") == parts


@pytest.mark.parametrize("text", ["", "-digits", "--all", "digits:", "Digits", "a b", "digits@sha256:12", "a:b:c"])
def test_anything_else_is_refused_unquoted(text):
    with pytest.raises(UsageError) as caught:
        parse_reference(text, "here")

    assert not text or f" {text} " not in str(caught.value)
