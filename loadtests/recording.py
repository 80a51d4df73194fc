"""Stands before a server for a while, passes all on, and keeps what infer requests came when, and their answers.

python -m loadtests.recording requests.jsonl --to http://127.0.0.1:8090 [--host-header digits.default...] [--port 0]
"""

import argparse
import sys
import time
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from urllib.parse import urlsplit

from functions.examples.ending import take_any_end_as_ctrl_c
from msgspec.structs import replace

from loadtests.recorded import Recorded, encoded, write
from loadtests.wire import HEADER_LENGTH

KEPT = ("content-type", "content-encoding", HEADER_LENGTH.lower())
HOP_BY_HOP = {"connection", "content-length", "host", "keep-alive", "transfer-encoding"}
TIMEOUT_SECONDS = 60


class Recording(ThreadingHTTPServer):
    """A server on this machine that passes requests on.

    Args:
        port: to listen on; 0 is a free one.
        to: URL of the server that answers.
        host_header: it is asked with; "" is each request's own.
    """

    daemon_threads = True

    def __init__(self, port: int, to: str, host_header: str = "") -> None:
        super().__init__(("127.0.0.1", port), _Passing)
        self.to, self.host_header = urlsplit(to).netloc, host_header
        self._lock = Lock()
        self._kept: list[Recorded] = []

    def keep(self, at_seconds: float, path: str, asked: tuple[dict[str, str], bytes], answered: "Answered") -> None:
        """Keep a request that was answered by a model."""
        with self._lock:
            self._kept.append(
                Recorded(
                    after_seconds=at_seconds,
                    path=path,
                    headers={name: value for name, value in asked[0].items() if name in KEPT},
                    body=encoded(asked[1]),
                    model=answered[1]["poorwill-model"],
                    digest=answered[1].get("poorwill-digest", ""),
                    answer_headers={name: value for name, value in answered[1].items() if name in KEPT},
                    answer=encoded(answered[2]),
                )
            )

    def kept(self) -> list[Recorded]:
        """Return what was kept, the earliest first, from which the others' times count."""
        with self._lock:
            ordered = sorted(self._kept, key=lambda one: one.after_seconds)
        first_seconds = ordered[0].after_seconds if ordered else 0.0
        return [replace(one, after_seconds=round(one.after_seconds - first_seconds, 6)) for one in ordered]


Answered = tuple[int, dict[str, str], bytes]


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Recording

    def do_GET(self) -> None:
        """Pass a request on."""
        self._pass()

    def do_POST(self) -> None:
        """Pass a request on, and keep it where a model answered it."""
        self._pass()

    def log_message(self, *_: object) -> None:
        """Say nothing of each request."""

    def _pass(self) -> None:
        at_seconds = time.monotonic()
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answered = self._ask(headers, body)
        if self.command == "POST" and answered[0] == 200 and "poorwill-model" in answered[1]:
            self.server.keep(at_seconds, self.path, (headers, body), answered)
        self.send_response(answered[0])
        for name, value in answered[1].items():
            if name not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("content-length", str(len(answered[2])))
        self.end_headers()
        self.wfile.write(answered[2])

    def _ask(self, headers: dict[str, str], body: bytes) -> Answered:
        passed = {name: value for name, value in headers.items() if name not in HOP_BY_HOP}
        passed["host"] = self.server.host_header or headers.get("host", "")
        passed["accept-encoding"] = "identity"  # answers are kept as they are read
        connection = HTTPConnection(self.server.to, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(self.command, self.path, body, passed)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        except OSError:
            return 502, {}, b""
        finally:
            connection.close()


def main() -> None:
    """Record until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.recording", description=__doc__)
    parser.add_argument("log", type=Path)
    parser.add_argument("--to", required=True, help="URL of the server that answers")
    parser.add_argument("--host-header", default="", help="that it is asked with; empty is each request's own")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    with Recording(options.port, options.to, options.host_header) as recording:
        print(f"recording at http://127.0.0.1:{recording.server_port}; Ctrl-C ends it", file=sys.stderr, flush=True)
        take_any_end_as_ctrl_c()
        try:
            recording.serve_forever()
        except KeyboardInterrupt:
            write(options.log, recording.kept())
    print(f"{len(recording.kept())} requests in {options.log}", file=sys.stderr)


if __name__ == "__main__":
    main()
