"""An application that shows what its carrier does, the server around it, and a client that speaks raw HTTP.

As a program it serves until it is told to stop: the first argument limits its descriptors, the rest are settings.
"""

import hashlib
import json
import socket
import sys
import threading
from contextlib import contextmanager
from typing import NamedTuple

from poorwill.errors import UnavailableError
from poorwill.serving.http.server import Server, serve
from poorwill.serving.message import Answer
from poorwill.settings import read

BIG_BYTES = 10_000_000
SECRET = "what-only-the-application-knows"
PATIENCE_SECONDS = 30


class Probe:
    """Answers by path; /heavy and below runs on threads, /heavy/wait until `gate` opens."""

    common_headers = (("served-by", "probe"),)
    shares = ""

    def __init__(self):
        self.requests = []
        self.refused = []
        self.threads = set()
        self.begun = threading.Semaphore(0)
        self.gate = threading.Event()
        self.stopped = threading.Event()

    def answer(self, request):
        self.requests.append(request)
        self.threads.add(threading.get_ident())
        name = request.path.rpartition("/")[2]
        return getattr(self, f"answer_{name}", self.echo)(request)

    def echo(self, request):
        return Answer(200, f"{request.method} {request.path} ".encode() + bytes(request.body), "text/plain")

    def answer_wait(self, request):
        self.begun.release()
        assert self.gate.wait(PATIENCE_SECONDS)
        return self.echo(request)

    def answer_work(self, request):
        return Answer(200, hashlib.sha256(b"work" * 1_000_000).hexdigest().encode())

    def answer_digest(self, request):
        return Answer(200, hashlib.sha256(request.body).hexdigest().encode(), "text/plain")

    def answer_big(self, request):
        return Answer(200, bytes(BIG_BYTES), "application/octet-stream")

    def answer_empty(self, request):
        return Answer(204)

    def answer_bug(self, request):
        raise RuntimeError(SECRET)

    def answer_exit(self, request):
        raise SystemExit(SECRET)

    def answer_split(self, request):
        return Answer(200, headers=(("split", f"a\r\n{SECRET}: b"),))

    def refuse(self, error):
        self.refused.append(error)
        again = (("retry-after", "1"),) if isinstance(error, UnavailableError) else ()
        told = {"kind": error.kind, "faults": [fault._asdict() for fault in error.faults]}
        return Answer(error.status, json.dumps(told).encode(), "application/problem+json", again)

    def is_heavy(self, request):
        return request.path.startswith("/heavy")

    def stopping(self):
        self.stopped.set()


class Running(NamedTuple):
    server: Server
    probe: Probe
    thread: threading.Thread

    def connect(self, port=None):
        return Client(self.server.host, port or self.server.port)

    def ask(self, data):
        """Return the replies to one connection's bytes, up to its end."""
        with self.connect() as client:
            client.send(data)
            client.socket.shutdown(socket.SHUT_WR)
            return client.replies()


@contextmanager
def running(*, probe=None, metrics=None, refusal=None, **settings):
    """Run a server on a thread of its own; what it still does at the end is not waited for."""
    probe = probe or Probe()
    flags = {"port": "0", **{name: str(value) for name, value in settings.items()}}
    server = Server(probe, settings=read({}, flags), metrics=metrics, refusal=refusal)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield Running(server, probe, thread)
    finally:
        probe.gate.set()
        server.stop()
        server.stop()
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive(), "the server did not stop"


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class Client:
    """One connection, with nothing between the test and the bytes."""

    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port), PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.file.close()
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def get(self, path, *headers):
        self.send(request("GET", path, *headers))
        return self.reply()

    def reply(self, *, bodiless=False):
        """Return the next reply, or None if the connection ends before."""
        line = self.file.readline()
        if not line:
            return None
        headers = {}
        while (header := self.file.readline().rstrip(b"\r\n")) != b"":
            name, _, value = header.decode("latin-1").partition(": ")
            headers[name] = value
        length = 0 if bodiless else int(headers.get("content-length", 0))
        return Reply(int(line.split()[1]), headers, self.file.read(length))

    def replies(self):
        """Return all replies up to the connection's end."""
        return list(iter(self.reply, None))


def request(method, path, *headers, body=b""):
    """Return a request's bytes; a body brings its Content-Length."""
    lines = [f"{method} {path} HTTP/1.1", "Host: probe", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def chunked(path, *chunks, trailers=""):
    """Return a request whose body comes in these chunks."""
    head = f"POST {path} HTTP/1.1\r\nHost: probe\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return head + body + b"0\r\n" + trailers.encode() + b"\r\n"


def main(descriptors, *flags):
    import resource

    if int(descriptors):
        resource.setrlimit(resource.RLIMIT_NOFILE, (int(descriptors), int(descriptors)))
    settings = read({}, dict(flag.split("=") for flag in flags))

    def tell(*address):
        sys.stdout.write(f"{' '.join(map(str, address))}\n")
        sys.stdout.flush()

    serve(Probe(), settings=settings, metrics=None, on_ready=tell)


if __name__ == "__main__":
    main(*sys.argv[1:])
