"""Framing, without a network: what is a request, what is refused, and that neither cuts nor memory change it."""

from itertools import pairwise
from string import ascii_letters

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.errors import HeadTooLargeError, InvalidRequestError, PoorwillError, TooLargeError
from poorwill.serving.http.connection import Inbox
from poorwill.serving.http.head import HEAD_LIMIT_BYTES, KNOWN_HEADS, KnownHeads
from tests.serving.http.carried import chunked, request
from tests.serving.http.smuggled import HEAD, SMUGGLED

LIMIT_BYTES = 300


def outcomes(*pieces, known=None, limit_bytes=LIMIT_BYTES):
    """Return the requests that pieces of a stream make, and the error that ends it; as the server asks for them."""
    inbox = Inbox(KnownHeads() if known is None else known, limit_bytes)
    found = []
    for piece in pieces:
        whole = inbox.whole(piece) if not inbox.begun and not inbox.buffer else None
        if whole is not None:
            found.append((inbox.head, bytes(whole.body)))
            continue
        inbox.take(piece)
        try:
            while (got := inbox.next()) is not None:
                assert got[:3] == inbox.head[:3]
                found.append((inbox.head, bytes(got.body)))
        except PoorwillError as error:
            return [*found, (type(error), str(error))]
    return [*found, inbox.begun]


def only(data, **options):
    found, begun = outcomes(data, **options)
    assert not begun
    return found


def refusal(data, **options):
    *_, (kind, text) = outcomes(data, **options)
    return kind, text


def test_header_names_are_lower_case_and_values_are_stripped():
    head, body = only(b"GET /a HTTP/1.1\r\nHOST:probe\r\nX-One:  \t two words \t \r\nX-Empty:\r\n\r\n")

    assert dict(head.headers) == {"host": "probe", "x-one": "two words", "x-empty": ""}
    assert (head.method, head.path, body) == ("GET", "/a", b"")


def test_a_header_that_comes_twice_is_joined():
    head, _ = only(request("GET", "/", "Accept: a", "X-B: c", "accept: d"))

    assert head.headers["accept"] == "a, d"


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/a/b", "/a/b"),
        ("/a?b=c?d", "/a"),
        ("/a%2Fb%20c", "/a%2Fb%20c"),
        ("/a#b", "/a"),
        ("http://probe/a?b", "/a"),
        ("HTTPS://probe", "/"),
        ("http://probe?x", "/"),
        ("*", "*"),
        ("//a", "//a"),
    ],
)
def test_the_path_is_the_target_without_host_and_query(target, path):
    head, _ = only(request("OPTIONS" if target == "*" else "GET", target))

    assert head.path == path


@pytest.mark.parametrize(
    ("version", "connection", "said"),
    [
        ("1.1", "", ""),
        ("1.1", "close", "close"),
        ("1.1", "Keep-Alive", ""),
        ("1.1", "te, Close", "close"),
        ("1.0", "", "close"),
        ("1.0", "Keep-Alive", "keep-alive"),
        ("1.0", "keep-alive, close", "close"),
    ],
)
def test_version_and_connection_header_decide_whether_the_connection_stays(version, connection, said):
    head, _ = only(f"GET / HTTP/{version}\r\nHost: probe\r\nConnection: {connection}\r\n\r\n".encode())

    assert head.connection == said


def test_an_upgrade_is_ignored_and_its_body_read():
    head, body = only(request("POST", "/a", "Connection: Upgrade", "Upgrade: h2c", body=b"xyz"))

    assert (head.path, body) == ("/a", b"xyz")


def test_a_head_can_not_be_changed_by_whoever_gets_it():
    head, _ = only(request("GET", "/"))

    with pytest.raises(TypeError):
        head.headers["host"] = "other"


@pytest.mark.parametrize("data", SMUGGLED.values(), ids=SMUGGLED)
def test_what_two_readers_could_understand_differently_is_refused(data):
    kind, text = refusal(data)

    assert kind is InvalidRequestError
    assert "RFC 9112" in text


def test_every_fault_of_a_head_is_told_at_once():
    _, text = refusal(b"GET ftp://a HTTP/1.1\r\nContent-Type: a/b\r\nContent-Type: a/c\r\n\r\n")

    assert [line.partition(":")[0] for line in text.splitlines()] == ["content-type", "request target", "Host"]


def test_a_refusal_quotes_nothing_that_was_sent():
    _, text = refusal(HEAD + b"Content-Length: hidden\r\nX-Hidden: hidden\r\n\r\n")

    assert "hidden" not in text


def test_a_head_may_be_as_long_as_the_limit_and_no_longer():
    fill = HEAD_LIMIT_BYTES - len(request("GET", "/", "A: "))

    head, _ = only(request("GET", "/", "A: " + "a" * fill))
    kind, text = refusal(request("GET", "/", "A: " + "a" * (fill + 1)))

    assert len(head.headers["a"]) == fill
    assert kind is HeadTooLargeError
    assert str(HEAD_LIMIT_BYTES) in text


def test_a_head_that_never_ends_is_refused_at_the_limit():
    kind, _ = refusal(b"GET /" + b"a" * HEAD_LIMIT_BYTES)

    assert kind is HeadTooLargeError


def test_a_length_over_the_limit_is_refused_before_the_body_comes():
    kind, text = refusal(HEAD + b"Content-Length: 301\r\n\r\n")

    assert kind is TooLargeError
    assert "300 bytes" in text


def test_chunks_over_the_limit_are_refused_while_they_come():
    kind, _ = refusal(chunked("/", b"a" * 200, b"a" * 101).partition(b"0\r\n\r\n")[0])

    assert kind is TooLargeError


def test_chunks_over_the_limit_are_too_large_whatever_follows_them():
    kind, _ = refusal(chunked("/", bytes(301)).replace(b"0\r\n\r\n", b"nonsense"))

    assert kind is TooLargeError


def test_a_known_head_over_the_limit_is_refused_again():
    known = KnownHeads()
    data = HEAD + b"Content-Length: 300\r\n\r\n"
    only(data + bytes(300), known=known)

    assert refusal(data + bytes(300), known=known, limit_bytes=299)[0] is TooLargeError


def test_chunks_that_are_all_framing_are_refused():
    extension = b";" + b"a" * (HEAD_LIMIT_BYTES + 200)

    kind, text = refusal(chunked("/", b"abc").replace(b"3\r\n", b"3" + extension + b"\r\n"))

    assert kind is TooLargeError
    assert "larger chunks" in text


def test_trailers_are_read_past():
    head, body = only(chunked("/a", b"abc", trailers="X-A: b\r\nHost: other\r\n"))

    assert (dict(head.headers), body) == ({"host": "probe", "transfer-encoding": "chunked"}, b"abc")


def test_only_so_many_heads_are_remembered():
    known = KnownHeads()

    outcomes(*(request("GET", f"/{number}") for number in range(2 * KNOWN_HEADS + 1)), known=known)

    assert 0 < len(known) <= KNOWN_HEADS


def test_a_long_head_is_not_remembered():
    known = KnownHeads()

    only(request("GET", "/", "A: " + "a" * 3000), known=known)

    assert len(known) == 0


bodies = st.binary(max_size=40) | st.sampled_from(
    [b"\r\n\r\n", b"0\r\n\r\n", b"\r\n\r\nGET / HTTP/1.1\r\n\r\n", bytes(280)]
)
paths = st.text(ascii_letters, max_size=3).map("/".__add__)
headers = st.lists(st.sampled_from(["A: b", "Connection: close", "Expect: 100-continue", "a:c", "X: " + "y" * 50]))
messages = st.one_of(
    st.builds(lambda path, lines: request("GET", path, *lines), paths, headers),
    st.builds(lambda path, lines, body: request("POST", path, *lines, body=body), paths, headers, bodies),
    st.builds(lambda path, chunks: chunked(path, *filter(None, chunks)), paths, st.lists(bodies, max_size=3)),
    st.just(b"\r\n"),
    st.just(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
    st.sampled_from(sorted(SMUGGLED.values())),
    st.just(HEAD + b"Content-Length: 301\r\n\r\n"),
    st.just(chunked("/", bytes(301)).replace(b"0\r\n\r\n", b"nonsense")),
)


@st.composite
def cut_streams(draw):
    stream = b"".join(draw(st.lists(messages, min_size=1, max_size=5)))
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(stream) - 1)), max_size=12)))
    edges = [0, *cuts, len(stream)]
    return stream, [stream[start:end] for start, end in pairwise(edges) if start < end]


@given(cut_streams())
def test_where_a_stream_is_cut_changes_nothing(cut):
    stream, pieces = cut

    assert outcomes(*pieces) == outcomes(stream)


@given(cut_streams())
def test_one_byte_at_a_time_changes_nothing(cut):
    stream, _ = cut

    assert outcomes(*(stream[i : i + 1] for i in range(len(stream)))) == outcomes(stream)


class Forgetful(KnownHeads):
    def keep(self, raw, head):
        pass


@given(cut_streams())
def test_knowing_a_head_changes_nothing(cut):
    _, pieces = cut
    known = KnownHeads()

    fresh = outcomes(*pieces, known=Forgetful())
    first, second = (outcomes(*pieces, known=known) for _ in range(2))

    assert first == second == fresh
