"""Quantities as Kubernetes reads and writes them."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.kinds import quantity

# what a real API server wrote for each (kubectl apply --dry-run=server, Kubernetes 1.35)
CANONICAL = {
    "1000m": "1",
    "0.5": "500m",
    "2.5": "2500m",
    "1024Mi": "1Gi",
    "1.5Gi": "1536Mi",
    "1e9": "1e9",
    "2e9": "2e9",
    "1e3": "1e3",
    "0.0005": "500u",
    "100M": "100M",
    "1000k": "1M",
    "512Ki": "512Ki",
    "1E3": "1E3",
    "1e+3": "1e+3",
    "+1": "+1",
    "5.": "5.",
    "1e19": "10e18",
    "9223372036854775808": "9223372036854775808",
    "10Ei": "9223372036854775807",
    "1500m": "1500m",
    "m": "0",
    "0": "0",
    "0Mi": "0",
}
REFUSED = ["", "1 Gi", "1gi", "1K", "--1", "1.2.3", "0x10", "1e", "Inf", "nan", "1Mi5"]


@pytest.mark.parametrize("text", CANONICAL)
def test_a_quantity_is_written_as_the_server_writes_it(text):
    assert quantity.canonical(text) == CANONICAL[text]


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_quantity_is_refused(text):
    with pytest.raises(ValueError, match="not a quantity"):
        quantity.parse(text)


def test_amounts_are_read_in_their_units():
    assert (quantity.cpus("250m"), quantity.cpus(2), quantity.whole_bytes("128Mi")) == (0.25, 2.0, 128 * 1024**2)
    assert quantity.whole_bytes("1.5") == 2


def test_numbers_of_json_are_quantities_and_truth_is_none():
    assert quantity.parse(2.5) == Fraction(5, 2)
    with pytest.raises(ValueError, match="not a quantity"):
        quantity.parse(True)


@given(
    st.integers(-(10**6), 10**6),
    st.integers(0, 999),
    st.sampled_from(["", "n", "u", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "E-3"]),
)
def test_the_canonical_form_amounts_to_the_same_and_stays_as_it_is(whole, thousandths, suffix):
    text = f"{whole}.{thousandths:03}{suffix}"

    written = quantity.canonical(text)

    assert quantity.parse(written) == quantity.parse(text)
    assert quantity.canonical(written) == written


@pytest.mark.parametrize("text", ["1e9999", "-1e9999"])
def test_cpus_without_an_end_are_as_many_as_a_number_holds(text):
    assert abs(quantity.cpus(text)) == 2.0**63
