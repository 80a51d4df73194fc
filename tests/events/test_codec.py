"""Events keep their meaning in every mode, and headers of real clients are read."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.events.codec import BATCH, Mode, decode, encode_batch, encode_binary, encode_structured
from poorwill.events.event import Event, canonical
from tests.events.examples import ATTRIBUTES, HEADERS, SPECIFIED, TEXTS, events, structured


def as_text(event):
    return msgspec.structs.replace(
        event, extensions={name: canonical(value) for name, value in event.extensions.items()}
    )


@pytest.mark.parametrize(("members", "content_type", "body"), SPECIFIED)
def test_the_specifications_examples_mean_the_same_structured_and_binary(members, content_type, body):
    headers = HEADERS | ({"content-type": content_type} if content_type else {})

    mode, [event] = decode(*structured(ATTRIBUTES | members))
    binary_mode, [binary_event] = decode(headers, body)

    assert (mode, binary_mode) == (Mode.STRUCTURED, Mode.BINARY)
    assert as_text(event) == binary_event
    assert encode_binary(event) == (headers, body)


def test_the_specifications_batch_has_its_events_in_order():
    body = msgspec.json.encode([ATTRIBUTES | SPECIFIED[0][0], ATTRIBUTES | SPECIFIED[2][0]])

    mode, read = decode({"content-type": BATCH + "; charset=UTF-8"}, body)

    assert mode is Mode.BATCH
    assert [event.data for event in read] == [SPECIFIED[0][2], SPECIFIED[2][2]]


def test_an_empty_batch_is_no_fault():
    assert decode({"content-type": BATCH}, b"[]") == (Mode.BATCH, [])


@given(events())
def test_structured_mode_loses_nothing(event):
    assert decode(*encode_structured(event)) == (Mode.STRUCTURED, [event])


@given(events())
def test_binary_mode_loses_nothing_but_the_types_of_extensions(event):
    assert decode(*encode_binary(event)) == (Mode.BINARY, [as_text(event)])


@given(st.lists(events(), max_size=3))
def test_a_batch_loses_nothing(several):
    assert decode(*encode_batch(several)) == (Mode.BATCH, several)


@given(events(values=TEXTS))
def test_an_event_forwarded_through_both_modes_is_the_same_event(event):
    _, [once] = decode(*encode_binary(event))
    _, [twice] = decode(*encode_structured(once))

    assert twice == event


@given(events())
def test_headers_are_printable_ascii(event):
    headers, _ = encode_binary(event)

    assert all(value.isascii() and value.isprintable() for value in headers.values())


def test_only_what_must_be_encoded_is():
    event = Event(id='a/b:c "%" €😀', source="https://example.com/a%20b", type="t")

    headers, _ = encode_binary(event)

    assert headers["ce-id"] == "a/b:c%20%22%25%22%20%E2%82%AC%F0%9F%98%80"
    assert headers["ce-source"] == "https://example.com/a%2520b"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
        ("%45%75%72%6f%2F%3a", "Euro/:"),  # Python's newer SDK encodes what needs none
        ('"Euro \\"%E2%82%AC\\""', 'Euro "€"'),  # as before version 1.0.1 of the binding
        ("Euro €".encode().decode("latin-1"), "Euro €"),  # Go sends bare UTF-8, HTTP hands it over as Latin-1
        ("Euro €", "Euro €"),
        ("  padded\t", "padded"),
        ("100%", "100%"),  # of senders that encode nothing
        ("%2541", "%41"),  # decoded once only
    ],
)
def test_header_values_of_real_clients_are_read(value, wanted):
    _, [event] = decode(HEADERS | {"ce-subject": value}, b"")

    assert event.subject == wanted


def test_the_source_of_a_client_that_encodes_nothing_keeps_its_own_escapes():
    _, [event] = decode(HEADERS | {"ce-source": "/a%20b", "ce-dataschema": "https://example.com/%22"}, b"")

    assert (event.source, event.dataschema) == ("/a%20b", "https://example.com/%22")
