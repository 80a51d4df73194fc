"""A large body lies where the model reads it, and its memory serves the next one when nothing reads it any more."""

import numpy as np
import pytest

from poorwill.serving.http.connection import Inbox
from poorwill.serving.http.head import KnownHeads
from poorwill.serving.http.large_body import LARGE_BYTES, Rooms
from poorwill.serving.message import HEADER_LENGTH
from tests.serving.http.carried import running

SIZE_BYTES = 3_000_000
LIMIT_BYTES = 4_000_000


class Wire:
    """A socket from which bytes come in pieces."""

    def __init__(self, data, piece_bytes=100_000):
        self.data, self.piece_bytes = memoryview(data), piece_bytes

    def recv(self, most_bytes):
        piece, self.data = (
            self.data[: min(most_bytes, self.piece_bytes)],
            self.data[min(most_bytes, self.piece_bytes) :],
        )
        return bytes(piece)

    def recv_into(self, room):
        piece = self.recv(len(room))
        room[: len(piece)] = piece
        return len(piece)


def received(data):
    """Return the request in the data and what came behind it, as an inbox takes them."""
    inbox, wire = Inbox(KnownHeads(), LIMIT_BYTES), Wire(data)
    inbox.take(wire.recv(100))
    while (request := inbox.next()) is None:
        assert inbox.receive(wire, 65_536)
    return request, inbox, wire


def request_with(body, *headers):
    lines = ["POST /a HTTP/1.1", "host: a", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@pytest.mark.parametrize("size_bytes", [LARGE_BYTES - 1, LARGE_BYTES, LARGE_BYTES + 1, SIZE_BYTES])
def test_a_body_arrives_as_it_was_sent_and_the_next_request_behind_it(size_bytes):
    body = np.random.default_rng(1).bytes(size_bytes)
    data = request_with(body)

    request, inbox, wire = received(data * 2)
    assert bytes(request.body) == body
    while (second := inbox.next()) is None:
        assert inbox.receive(wire, 65_536)
    assert bytes(second.body) == body
    assert not inbox.begun


def test_a_body_that_is_handed_in_by_pieces_arrives_as_it_was_sent():
    body = np.random.default_rng(1).bytes(SIZE_BYTES)
    inbox, wire = Inbox(KnownHeads(), LIMIT_BYTES), Wire(request_with(body))

    while (request := inbox.next()) is None:
        inbox.take(wire.recv(65_536))

    assert bytes(request.body) == body


@pytest.mark.parametrize("json_bytes", range(0, 130, 13))
def test_tensors_behind_any_length_of_json_are_read_where_they_are(json_bytes):
    request, _, _ = received(request_with(bytes(SIZE_BYTES), f"{HEADER_LENGTH}: {json_bytes}"))

    assert np.frombuffer(request.body[json_bytes:], np.uint8).ctypes.data % 64 == 0


@pytest.mark.parametrize("said", ["", "-1", "x", "9" * 30, "٣"])
def test_a_length_of_json_that_can_not_be_believed_changes_nothing(said):
    request, _, _ = received(request_with(b"a" * SIZE_BYTES, f"{HEADER_LENGTH}: {said}").replace("٣".encode(), b"\xb2"))

    assert bytes(request.body) == b"a" * SIZE_BYTES


def test_memory_serves_the_next_body_only_when_nothing_reads_it():
    rooms = Rooms()

    def tensor():
        return np.ndarray((10,), np.uint8, memoryview(rooms.take(SIZE_BYTES))[5:])

    first = tensor()
    first[:] = 1
    second = tensor()
    second[:] = 2
    part = second[3:4]
    del second
    third = tensor()
    third[:] = 3

    assert first.tolist() == [1] * 10
    assert part.tolist() == [2]
    address = third.ctypes.data
    del third
    assert tensor().ctypes.data == address


def test_a_very_large_body_leaves_no_memory_behind():
    rooms = Rooms()

    rooms.take(100_000_000)

    assert rooms._kept is None


def test_others_are_answered_while_a_large_body_comes():
    with running(body_limit_bytes=LIMIT_BYTES) as served, served.connect() as slow, served.connect() as other:
        data = request_with(bytes(SIZE_BYTES))
        slow.send(data[:-1])
        assert other.get("/b").status == 200

        slow.send(data[-1:])
        assert slow.reply().body == b"POST /a " + bytes(SIZE_BYTES)
