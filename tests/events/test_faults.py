"""A wrong event is answered by all its faults and none of its values; nothing else can come of bytes that are none."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.errors import PoorwillError, TooLargeError, UnsupportedMediaError
from poorwill.events.codec import BATCH, STRUCTURED, Mode, decode, encode_structured
from poorwill.events.event import Event
from tests.events.examples import ATTRIBUTES, HEADERS, faults, places, structured


@pytest.mark.parametrize("value", ["%C0%A0", "%FF", "%ED%A0%80", "caf\xe9"])
def test_a_header_that_is_not_utf_8_is_one_fault(value):
    assert places(HEADERS | {"ce-id": value}) == ["ce-id"]
    assert places(HEADERS | {"ce-time": value}) == ["ce-time"]
    assert places(HEADERS | {"ce-other": value}) == ["ce-(extension)"]


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"ce-subject": "", "ce-id": "1"}, b""),
        structured({"subject": "", "id": "1"}),
    ],
)
def test_every_missing_and_wrong_attribute_is_named_in_one_answer(headers, body):
    assert {place.removeprefix("ce-") for place in places(headers, body)} == {
        "specversion",
        "type",
        "source",
        "subject",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("specversion", "0.3"),
        ("id", ""),
        ("id", "a\nb"),
        ("id", "\ufffe"),
        ("id", 1),
        ("source", ""),
        ("source", "a b"),
        ("source", "/ü"),
        ("source", ":a"),
        ("source", "/a#b#c"),
        ("type", ""),
        ("type", None),
        ("subject", ""),
        ("time", "2018-04-05"),
        ("time", "2018-04-05 17:31:00Z"),
        ("time", "2018-02-29T17:31:00Z"),
        ("time", "2018-04-05T24:00:00Z"),
        ("time", "2018-04-05T17:31:00"),
        ("time", 1522949460),
        ("datacontenttype", "json"),
        ("datacontenttype", "a/b\r\nx: y"),
        ("dataschema", "/relative"),
        ("dataschema", ""),
    ],
)
def test_a_wrong_attribute_is_named_and_not_quoted(name, value):
    [fault] = faults(*structured(ATTRIBUTES | {name: value}))

    assert fault.where == name
    assert value in (None, "", 1) or str(value) not in str(fault)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Upper", "a"),
        ("with_line", "a"),
        ("", "a"),
        ("ünï", "a"),
        ("big", 2**31),
        ("real", 1.5),
        ("huge", 10**400),
        ("list", []),
        ("object", {}),
        ("control", "\x07"),
    ],
)
def test_a_wrong_extension_is_a_fault_that_does_not_quote_its_name(name, value):
    [fault] = faults(*structured(ATTRIBUTES | {name: value}))

    assert fault.where == "(extension)"


def test_a_number_that_no_float_holds_is_a_fault():
    assert places({"content-type": STRUCTURED}, msgspec.json.encode(ATTRIBUTES)[:-1] + b',"x":1e999}') == [
        "(extension)"
    ]


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"data": 1, "data_base64": "AA=="}, "data"),
        ({"data_base64": "A"}, "data_base64"),
        ({"data_base64": "A-_="}, "data_base64"),
        ({"data_base64": "AA==!"}, "data_base64"),
        ({"data_base64": "ü"}, "data_base64"),
        ({"data_base64": 1}, "data_base64"),
        ({"data": {}, "datacontenttype": "text/plain"}, "data"),
        ({"data": "€", "datacontenttype": "text/plain; charset=iso-8859-1"}, "data"),
        ({"data": "a", "datacontenttype": 'text/plain;charset="koi8-r"'}, "datacontenttype"),
    ],
)
def test_data_that_contradicts_itself_is_a_fault(members, place):
    assert places(*structured(ATTRIBUTES | members)) == [place]


@pytest.mark.parametrize(
    ("content_type", "wanted"),
    [("text/plain; charset=iso-8859-1", b"\xe9"), ('text/plain;charset="UTF-8"', b"\xc3\xa9")],
)
def test_text_is_encoded_as_its_content_type_says(content_type, wanted):
    _, [event] = decode(*structured(ATTRIBUTES | {"data": "é", "datacontenttype": content_type}))

    assert event.data == wanted


@pytest.mark.parametrize(
    ("content_type", "data"),
    [
        ("application/json", b"{"),
        ("application/json", b'"\xff"'),
        ("application/json", b"\xef\xbb\xbf{}"),
        ("application/json", b"[" * 100_000),
        ("application/json; charset=iso-8859-1", '"é"'.encode()),
    ],
)
def test_what_is_called_json_and_is_not_goes_as_base64(content_type, data):
    event = Event(id="1", source="/", type="t", datacontenttype=content_type, data=data)

    _, body = encode_structured(event)

    assert "data_base64" in msgspec.json.decode(body)


def test_data_that_is_not_utf_8_is_a_fault_of_the_body():
    assert places({"content-type": STRUCTURED}, msgspec.json.encode(ATTRIBUTES)[:-1] + b',"data":"\xff"}') == ["body"]


def test_faults_of_a_batch_are_named_by_index():
    body = msgspec.json.encode([ATTRIBUTES, ATTRIBUTES | {"id": ""}, {}])

    assert places({"content-type": BATCH}, body) == [
        "events[1].id",
        "events[2].specversion",
        "events[2].id",
        "events[2].source",
        "events[2].type",
    ]


def test_a_batch_of_faults_is_not_answered_by_a_flood():
    assert len(places({"content-type": BATCH}, msgspec.json.encode([{}] * 1000))) == 100


def test_a_content_type_beside_the_header_content_type_is_a_fault():
    assert places(HEADERS | {"ce-datacontenttype": "text/plain"}) == ["ce-datacontenttype"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "application/json"},
        {"content-type": "application/cloudevents+xml"} | HEADERS,
        {"content-type": "application/cloudevents-batch+xml"},
        {"content-type": STRUCTURED + "; charset=utf-16"},
        {"ce-other": "a"},
    ],
)
def test_what_is_no_event_in_json_is_an_unsupported_media_type(headers):
    with pytest.raises(UnsupportedMediaError):
        decode(headers, b"{}")


def test_a_content_type_in_other_letters_is_the_same():
    mode, _ = decode(*structured(ATTRIBUTES, "Application/CloudEvents+JSON ;Charset=UTF-8"))

    assert mode is Mode.STRUCTURED


@pytest.mark.parametrize("content_type", [STRUCTURED, BATCH])
@pytest.mark.parametrize("body", [b"", b"{", b"1", b'"\xff"', b"[1]", b'{"\xff":1}', b'{"a":' + b"[" * 100_000])
def test_a_body_that_is_not_events_in_json_is_one_fault(content_type, body):
    assert places({"content-type": content_type}, body) == ["body"]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (STRUCTURED, b"{%s}" % b",".join(b'"%d":1' % number for number in range(20_000))),
        (BATCH, b"[%s]" % b",".join([b"{}"] * 50_001)),
        (BATCH, b"[{%s}]" % b",".join(b'"%d":1' % number for number in range(20_000))),
    ],
)
def test_a_body_that_would_grow_in_memory_is_too_large(content_type, body):
    with pytest.raises(TooLargeError):
        decode({"content-type": content_type}, body)


def test_large_data_is_not_counted_as_attributes():
    _, [event] = decode(*structured(ATTRIBUTES | {"data": "a" * 200_000}))

    assert len(event.data) == 200_002


def test_a_body_over_the_limit_is_too_large():
    with pytest.raises(TooLargeError):
        decode(HEADERS, b"12345", limit_bytes=4)


NAMES = st.sampled_from([*HEADERS, "content-type", "ce-", "ce-data", "ce-subject", "ce-dataschema", "ce-a-b"])
TYPES = st.sampled_from([STRUCTURED, BATCH, "application/json"])


@given(st.dictionaries(NAMES, TYPES | st.text() | st.sampled_from(["1.0", "/a%20b", '"a', "%"])), st.binary())
def test_arbitrary_messages_are_read_or_refused_by_an_error_of_ours(headers, body):
    try:
        _, read = decode(headers, body)
    except PoorwillError as error:
        read = [error.faults[0]]

    assert read == [] or read[0] is not None


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=4)
MEMBERS = st.sampled_from([*ATTRIBUTES, "data", "data_base64", "datacontenttype", "subject", "dataschema", "A b"])


@given(st.dictionaries(MEMBERS, JSON | st.sampled_from(["1.0", "text/plain", "application/json"])))
def test_arbitrary_json_events_are_read_and_written_again_or_refused_by_an_error_of_ours(members):
    try:
        _, [event] = decode(*structured(members))
    except PoorwillError:
        return

    assert decode(*encode_structured(event))[1] == [event]
