"""URLs as Go's net/url reads them."""

import pytest

from poorwill.kinds.urls import Url, parse


@pytest.mark.parametrize(
    ("text", "scheme", "host"),
    [
        ("", "", ""),
        ("/path", "", ""),
        ("v2/models?a=b:c", "", ""),
        ("//host/path", "", "host"),
        ("HTTP://host:8080/path?query#fragment", "http", "host:8080"),
        ("http://user:word@host:", "http", "host:"),
        ("http://[::1]:80/", "http", "[::1]:80"),
        ("http://h%C3%A9", "http", "h%C3%A9"),
        ("http:///path", "http", ""),
        ("mailto:somebody", "mailto", ""),
    ],
)
def test_scheme_and_host_are_told(text, scheme, host):
    assert parse(text) == Url(scheme, host)


@pytest.mark.parametrize(
    "text",
    [
        ":",
        "a b:c",
        "1a:b",
        "http://a b",
        "http://host:port",
        "http://host%20",
        "http://host/%zz",
        "http://host/#%zz",
        "http://host\n",
        "http://[::1",
        "http://us er@host",
    ],
)
def test_what_is_no_url_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the parser has no more to say
        parse(text)
