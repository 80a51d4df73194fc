"""Which names are taken, and what a version's name means."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.errors import UsageError
from poorwill.registry.names import LONGEST_ALIAS, LONGEST_MODEL, check_alias, check_model_name, parse_version_name
from poorwill.registry.records import VersionName


@pytest.mark.parametrize("name", ["digits", "a", "credit-risk-2", "v", "v2ray", "iris-v", "iris-vx", "a" * 40])
def test_a_dns_label_may_name_a_model(name):
    assert check_model_name(name) == name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "found nothing"),
        ("Digits", "DNS label"),
        ("3digits", "DNS label"),
        ("-digits", "DNS label"),
        ("digits-", "DNS label"),
        ("dig_its", "DNS label"),
        ("dig.its", "DNS label"),
        ("../digits", "DNS label"),
        ("digits\n", "DNS label"),
        ("a" * 41, "41 characters"),
        ("iris-v3", "version service"),
        ("iris-v3-v12", "version service"),
        ("iris-00001", "revision"),
        ("iris-v3-00001", "revision"),
        ("v3-iris", "tag's host"),
    ],
)
def test_a_name_that_knative_could_not_have_is_refused_with_the_reason(name, reason):
    with pytest.raises(UsageError, match=reason):
        check_model_name(name)


@pytest.mark.parametrize("alias", ["3", "v3", "Champion", "", "a" * 23, "a/b"])
def test_an_alias_that_reads_like_a_number_or_is_no_label_is_refused(alias):
    with pytest.raises(UsageError, match="alias"):
        check_alias(alias)


@given(model=st.integers(1, LONGEST_MODEL), alias=st.integers(1, LONGEST_ALIAS), version=st.integers(1, 10**15 - 1))
def test_every_host_and_object_of_the_longest_names_fits_a_dns_label(model, alias, version):
    name, tag = check_model_name("m" * model), check_alias("a" * alias)

    hosts = (f"{name}-v{version}-00001", f"v{version}-{name}", f"{tag}-{name}")

    assert all(len(host) <= 63 for host in hosts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("digits@3", VersionName("digits", 3, None)),
        ("digits@champion", VersionName("digits", None, "champion")),
        ("a@999999999999999", VersionName("a", 999999999999999, None)),
    ],
)
def test_a_version_is_named_by_number_or_alias(text, expected):
    assert parse_version_name(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("digits", "no @"),
        ("digits@", "alias: .* found nothing"),
        ("digits@0", "alias"),
        ("digits@03", "alias"),
        ("digits@-1", "alias"),
        ("digits@v3", "v<number>"),
        ("digits@1@2", "alias"),
        ("@1", "model name: .* found nothing"),
        ("digits@9999999999999999", "alias"),
    ],
)
def test_any_other_text_is_refused(text, reason):
    with pytest.raises(UsageError, match=reason):
        parse_version_name(text)


def test_all_faults_of_a_version_name_are_told_at_once():
    with pytest.raises(UsageError) as caught:
        parse_version_name("iris-v3@v4")

    assert [fault.where for fault in caught.value.faults] == ["model name", "alias"]


@given(st.text())
def test_no_text_is_quoted_back_or_breaks_the_parser(text):
    try:
        parsed = parse_version_name(text)
    except UsageError as error:
        if len(text) > 12:
            assert text not in str(error)
    else:
        assert re.fullmatch(rf"{parsed.model}@{parsed.version or parsed.alias}", text)
