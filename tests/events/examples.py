"""Events to draw by chance, the examples that the specification prints, and how a test sends them."""

import msgspec
import pytest
from hypothesis import strategies as st

from poorwill.errors import InvalidRequestError
from poorwill.events.codec import STRUCTURED, decode
from poorwill.events.event import Event

ATTRIBUTES = {
    "specversion": "1.0",
    "type": "com.example.someevent",
    "source": "/mycontext",
    "id": "C234-1234-1234",
    "time": "2018-04-05T17:31:00Z",
    "comexampleextension1": "value",
    "comexampleothervalue": 5,
}
HEADERS = {f"ce-{name}": str(value) for name, value in ATTRIBUTES.items()}

# JSON format 1.0.2, section 3.2: members of the structured event, then content type and body of the same in binary
SPECIFIED = [
    (
        {"datacontenttype": "application/vnd.apache.thrift.binary", "data_base64": "AAEC/w=="},
        "application/vnd.apache.thrift.binary",
        b"\x00\x01\x02\xff",
    ),
    (
        {"unsetextension": None, "datacontenttype": "application/xml", "data": '<much wow="xml"/>'},
        "application/xml",
        b'<much wow="xml"/>',
    ),
    (
        {"subject": None, "datacontenttype": "application/json", "data": {"appinfoA": "abc", "appinfoB": 123}},
        "application/json",
        b'{"appinfoA":"abc","appinfoB":123}',
    ),
    ({"subject": None, "datacontenttype": "application/json", "data": 1.5}, "application/json", b"1.5"),
    ({"data": "I'm just a string"}, "application/json", b'"I\'m just a string"'),
    ({"data": None}, "application/json", b"null"),
    ({"data_base64": "eyAieHl6IjogMTIzIH0="}, None, b'{ "xyz": 123 }'),
    ({}, None, b""),
]

# what the type String allows: no control characters, surrogates and noncharacters (which are among Cn)
TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=9)
SOURCES = st.from_regex(r"(https?://[a-z]{1,9}|urn:|/)?[A-Za-z0-9/._~-]{1,9}(%20)?(\?[a-z=&]*)?", fullmatch=True)
NAMES = st.from_regex(r"x[a-z0-9]{0,19}", fullmatch=True)
VALUES = TEXTS | st.booleans() | st.integers(-(2**31), 2**31 - 1)
JSON = st.sampled_from([b"1", b'{"a": [1, 2.50, null]}', '"ü"'.encode(), b"[]"])
PAYLOADS = st.one_of(
    st.tuples(st.sampled_from(["application/json", "application/ld+json; charset=utf-8"]), JSON),
    st.tuples(st.sampled_from(["text/plain", "text/plain; charset=ISO-8859-1", "a/b+xml"]), st.binary(min_size=1)),
    st.tuples(st.sampled_from(["application/octet-stream", "application/json"]), st.binary(min_size=1)),
    st.tuples(st.none(), st.none() | st.binary(min_size=1)),
)


@st.composite
def events(draw, values=VALUES):
    content_type, data = draw(PAYLOADS)
    return Event(
        id=draw(TEXTS),
        source=draw(SOURCES),
        type=draw(TEXTS),
        subject=draw(st.none() | TEXTS),
        time=draw(st.none() | st.just("2018-04-05T17:31:00.5Z")),
        datacontenttype=content_type,
        dataschema=draw(st.none() | st.just("https://example.com/schema#/a")),
        extensions=draw(st.dictionaries(NAMES, values, max_size=3)),
        data=data,
    )


def structured(members, content_type=STRUCTURED):
    return {"content-type": content_type}, msgspec.json.encode(members)


def faults(headers, body=b""):
    with pytest.raises(InvalidRequestError) as caught:
        decode(headers, body)
    return caught.value.faults


def places(headers, body=b""):
    return [fault.where for fault in faults(headers, body)]
