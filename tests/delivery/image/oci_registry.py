"""A registry on loopback, as much of the OCI distribution specification as a push and a pull take.

https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import uuid4


class Registry:
    """What was pushed: blobs and manifests by digest, tags."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, tuple[str, bytes]] = {}
        self.tags: dict[str, str] = {}
        self.uploads: dict[str, bytes] = {}
        self.address = ""


def _digest(content: bytes) -> str:
    return f"sha256:{sha256(content).hexdigest()}"


class _Handler(BaseHTTPRequestHandler):
    state: Registry
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        manifest = re.fullmatch(r"/v2/(.+)/manifests/(.+)", self.path)
        blob = re.fullmatch(r"/v2/.+/blobs/(sha256:[0-9a-f]+)", self.path)
        if self.path == "/v2/":
            self.reply(200)
        elif blob and blob[1] in self.state.blobs:
            self.reply(200, self.state.blobs[blob[1]])
        elif (
            manifest
            and (found := self.state.tags.get(f"{manifest[1]}:{manifest[2]}", manifest[2])) in self.state.manifests
        ):
            kind, content = self.state.manifests[found]
            self.reply(200, content, {"content-type": kind, "docker-content-digest": found})
        else:
            self.reply(404)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        upload = uuid4().hex
        self.state.uploads[upload] = self.body()
        self.reply(202, headers={"location": f"{self.path.rstrip('/')}/{upload}"})

    def do_PATCH(self) -> None:
        path = self.path.partition("?")[0]
        self.state.uploads[path.rpartition("/")[2]] += self.body()
        self.reply(202, headers={"location": path})

    def do_PUT(self) -> None:
        path, _, query = self.path.partition("?")
        content = self.body()
        manifest = re.fullmatch(r"/v2/(.+)/manifests/(.+)", path)
        if manifest:
            digest = _digest(content)
            self.state.manifests[digest] = (self.headers["content-type"], content)
            self.state.tags[f"{manifest[1]}:{manifest[2]}"] = digest
        else:
            content = self.state.uploads.pop(path.rpartition("/")[2]) + content
            digest = _digest(content)
            assert query.replace("%3A", ":").endswith(f"digest={digest}")
            self.state.blobs[digest] = content
        self.reply(201, headers={"location": path, "docker-content-digest": digest})

    def body(self) -> bytes:
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        content = b""
        while size := int(self.rfile.readline(), 16):
            content += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return content

    def reply(self, status: int, content: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"content-length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def registry() -> Iterator[Registry]:
    """Run a registry while the block runs."""
    state = Registry()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"state": state}))
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    state.address = f"127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
