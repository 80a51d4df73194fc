"""The `cloudevents` package as the oracle of our codec, and its event as ours and back."""

import json
from datetime import UTC, datetime

import msgspec
import pytest
from cloudevents.conversion import to_binary, to_structured
from cloudevents.http import CloudEvent, from_http
from hypothesis import given
from hypothesis import strategies as st

from poorwill.errors import InvalidRequestError
from poorwill.events.codec import decode, encode_binary, encode_structured
from poorwill.events.event import Event
from poorwill.events.sdk import from_sdk, to_sdk
from tests.events.examples import ATTRIBUTES, events

ASCII = st.from_regex(r"[!#$&-~]{1,9}", fullmatch=True)  # what the package carries in headers as the binding wants it


def _expected(event):
    """Return the data as the package has it: a value wherever the bytes happen to be JSON, else text or bytes."""
    if event.data is None:
        return None
    try:
        return json.loads(event.data)
    except ValueError:
        pass
    kept = "data_base64" in json.loads(encode_structured(event)[1])
    charset = "latin-1" if "8859" in (event.datacontenttype or "") else "utf-8"
    return event.data if kept else event.data.decode(charset)


@given(events(values=ASCII))
def test_the_package_reads_what_we_write_structured(event):
    read = from_http(*encode_structured(event))

    assert dict(read.get_attributes()) == event.attributes() | {"time": event.time or read["time"]}
    assert read.get_data() == _expected(event)


@given(st.sampled_from([{"a": [1, None]}, "text", 1.5, [], True]), st.text(min_size=1, alphabet="ab/:ü %"))
def test_we_read_what_the_package_writes_structured(data, subject):
    sdk_event = CloudEvent(ATTRIBUTES | {"subject": subject, "flag": True}, data)

    _, [event] = decode(*to_structured(sdk_event))

    assert event.attributes() == dict(sdk_event.get_attributes()) | {"datacontenttype": "application/json"}
    assert msgspec.json.decode(event.data) == data


@given(ASCII, st.binary(min_size=1))
def test_we_read_what_the_package_writes_binary_and_it_reads_us(text, data):
    attributes = ATTRIBUTES | {"subject": text, "comexampleothervalue": "5", "datacontenttype": "a/b"}
    sdk_event = CloudEvent(attributes, data)

    _, [event] = decode(*to_binary(sdk_event))
    again = from_http(*encode_binary(event), data_unmarshaller=lambda body: body)

    assert (event.attributes(), event.data) == (attributes, data)
    assert again == sdk_event


@given(events())
def test_an_event_survives_the_package(event):
    again = from_sdk(to_sdk(event))

    assert again.attributes() == event.attributes()
    assert to_sdk(again).get_data() == to_sdk(event).get_data()


def test_an_event_survives_the_package_with_its_json_written_anew():
    event = Event(id="1", source="/", type="t", datacontenttype="application/json", data=b' {"a":1.50}')

    assert from_sdk(to_sdk(event)).data == b'{"a": 1.5}'


def test_an_event_without_time_gets_none_made_up():
    assert to_sdk(Event(id="1", source="/", type="t")).get("time") is None


@pytest.mark.parametrize(
    ("content_type", "data", "wanted"),
    [
        (None, {"a": 1}, ("application/json", b'{"a": 1}')),
        (None, "text", ("application/json", b'"text"')),
        (None, b"raw", (None, b"raw")),
        ("text/plain", "text", ("text/plain", b"text")),
        ("application/json", [1], ("application/json", b"[1]")),
        ("application/json", b"[1]", ("application/json", b"[1]")),
        ("application/octet-stream", bytearray(b"\x00"), ("application/octet-stream", b"\x00")),
        ("application/json", None, ("application/json", None)),
    ],
)
def test_python_values_become_bytes_as_their_content_type_says(content_type, data, wanted):
    attributes = {"type": "t", "source": "/", "id": "1"} | ({"datacontenttype": content_type} if content_type else {})

    event = from_sdk(CloudEvent(attributes, data))

    assert (event.datacontenttype, event.data) == wanted


def test_a_time_may_be_a_datetime():
    sdk_event = CloudEvent({"type": "t", "source": "/", "time": datetime(2026, 1, 31, tzinfo=UTC)})

    assert from_sdk(sdk_event).time == "2026-01-31T00:00:00+00:00"


@pytest.mark.parametrize("data", [{1, 2}, float("nan"), object(), "\ud800"])
def test_data_and_attributes_that_cannot_travel_are_all_named(data):
    sdk_event = CloudEvent({"type": "", "source": "a b", "x_y": "1"}, data)

    with pytest.raises(InvalidRequestError) as caught:
        from_sdk(sdk_event)

    assert {fault.where for fault in caught.value.faults} == {"type", "source", "(extension)", "data"}
