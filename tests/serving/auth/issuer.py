"""An issuer of JWTs: its keys, its tokens, and its JWKS, also over HTTP."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

ISSUER, AUDIENCE = "https://issuer.example", "poorwill"
_KINDS = {"RS256": RSAAlgorithm, "ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}


@cache
def private_key(algorithm: str, which: str = "") -> Any:
    """Return a private key; another one for each `which`."""
    if algorithm == "RS256":
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(ec.SECP256R1()) if algorithm == "ES256" else ed25519.Ed25519PrivateKey.generate()


def public(algorithm: str, key_id: str, which: str = "", **members: str) -> dict[str, Any]:
    """Return a public key as a JWK."""
    key = private_key(algorithm, which).public_key()
    document: dict[str, Any] = json.loads(_KINDS[algorithm].to_jwk(key))
    return document | {"kid": key_id, "use": "sig"} | members


def jwks(*keys: dict[str, Any]) -> bytes:
    """Return a JWKS."""
    return json.dumps({"keys": keys}).encode()


def token(
    algorithm: str = "ES256", *, key_id: str = "k1", which: str = "", without: tuple[str, ...] = (), **claims: Any
) -> str:
    """Return a token that is good but for what is given."""
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ci", "exp": time.time() + 86_400} | claims
    kept = {name: value for name, value in good.items() if name not in without}
    return jwt.encode(kept, private_key(algorithm, which), algorithm, headers={"kid": key_id})


class Publisher:
    """What an issuer publishes at its URL: a status, a body, headers."""

    def __init__(self, body: bytes) -> None:
        self.status, self.body, self.headers = 200, body, {}
        self.asked = 0
        self.url = ""


@contextmanager
def published(body: bytes) -> Iterator[Publisher]:
    """Publish a JWKS on loopback."""
    publisher = Publisher(body)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            publisher.asked += 1
            self.send_response(publisher.status)
            for name, value in publisher.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(publisher.body)))
            self.end_headers()
            self.wfile.write(publisher.body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    publisher.url = f"http://127.0.0.1:{server.server_port}/jwks"
    try:
        yield publisher
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
