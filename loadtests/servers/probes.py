"""What a server does when a client or a model misbehaves: asked of the running server, not of its documentation."""

import contextlib
import signal
import socket
import time

from loadtests.bench.running import Running

SLOW_SECONDS = 1.0  # of apps/predict.py, which only the servers can import
PATIENCE_SECONDS = 5.0  # the servers that have a timeout are set to 1 second
HUGE_BYTES = 10**12
YES, NO = "yes", "no"


def limits_before_the_body(server: Running) -> str:
    """Tell whether a length far over the limit is refused although no byte of the body was sent."""
    head = f"POST {server.path} HTTP/1.1\r\nHost: probe\r\nContent-Length: {HUGE_BYTES}\r\n\r\n"
    status = _status(_told(server, head.encode()))
    return YES if status in {"400", "413"} else NO


def ends_slow_clients(server: Running) -> str:
    """Tell whether half a head, and half a body, are given up on."""
    head = f"POST {server.path} HTTP/1.1\r\nHost: probe\r\nContent-Length: 100\r\n"
    ended = [_told(server, data.encode()) is not None for data in (head, head + "\r\n{")]
    return {(True, True): YES, (True, False): "head only", (False, True): "body only"}.get((ended[0], ended[1]), NO)


def answers_beside_a_slow_request(server: Running) -> str:
    """Tell whether a light request is answered while a slow one runs in the same process."""
    with _connected(server) as slow:
        slow.sendall(b"GET /slow HTTP/1.1\r\nHost: probe\r\n\r\n")
        time.sleep(SLOW_SECONDS / 4)
        started = time.perf_counter()
        server.check()
        answered = time.perf_counter() - started < SLOW_SECONDS / 2
        slow.recv(65_536)
    return YES if answered else NO


def drains_on_sigterm(server: Running) -> str:
    """Tell whether a request that runs when SIGTERM comes is answered, and the exit status; ends the server."""
    with _connected(server) as slow:
        slow.sendall(b"GET /slow HTTP/1.1\r\nHost: probe\r\n\r\n")
        time.sleep(SLOW_SECONDS / 4)
        server.process.send_signal(signal.SIGTERM)
        try:
            answered = b"slow" in _read(slow)
        except OSError:
            answered = False
    with contextlib.suppress(Exception):
        server.process.wait(PATIENCE_SECONDS)
    if not answered:
        return "no, lost"
    return YES if server.process.returncode == 0 else f"answered, exit {server.process.returncode}"


def _connected(server: Running) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), PATIENCE_SECONDS)


def _told(server: Running, data: bytes) -> bytes | None:
    """Return what the server says to data and nothing more, b"" if it closes without a word, None if it waits on."""
    with _connected(server) as client:
        client.sendall(data)
        try:
            return client.recv(65_536)
        except TimeoutError:
            return None
        except OSError:
            return b""


def _read(client: socket.socket) -> bytes:
    """Return all that comes until an answer's body is there or the connection ends."""
    data = b""
    while b"slow" not in data and (piece := client.recv(65_536)):
        data += piece
    return data


def _status(told: bytes | None) -> str:
    return told.split(b" ", 2)[1].decode("ascii", "replace") if told and told.count(b" ") else ""
