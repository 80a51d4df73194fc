"""The deploy function does not start with a door that is open to all."""

import pytest

from poorwill.delivery.function.carrier import open_function
from poorwill.errors import UsageError
from tests.serving.auth.issuer import AUDIENCE, ISSUER, jwks, public

TOKENS = {
    "POORWILL_JWT_ISSUER": ISSUER,
    "POORWILL_JWT_AUDIENCE": AUDIENCE,
    "POORWILL_JWKS": jwks(public("ES256", "k1")).decode(),
}


@pytest.mark.parametrize("subjects", [{}, {"POORWILL_JWT_SUBJECTS": " , "}], ids=["none", "empty"])
def test_an_issuer_without_subjects_keeps_it_from_starting_and_says_what_to_set(subjects):
    with pytest.raises(UsageError, match="POORWILL_JWT_SUBJECTS"):
        open_function(TOKENS | subjects)


def test_an_issuer_with_subjects_is_enough():
    assert open_function(TOKENS | {"POORWILL_JWT_SUBJECTS": "ci"})
