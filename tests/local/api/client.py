"""A bare HTTP client, for what no well-behaved client sends."""

import http.client
import json
import ssl
from contextlib import contextmanager


def send(twin, method, path, body=None, **headers):
    """Send one request with the twin's token, or what the headers say instead; return status, headers and JSON."""
    with connection(twin) as opened:
        opened.request(method, path, _encoded(body), _headers(twin, headers))
        answer = opened.getresponse()
        content = answer.read()
        return answer.status, answer.headers, json.loads(content) if content.startswith(b"{") else content


@contextmanager
def connection(twin, *, plain=False):
    """Open a connection that trusts the twin's certificate authority alone."""
    context = ssl.create_default_context(cafile=twin.folder / "api-ca.pem")
    if plain:
        opened = http.client.HTTPConnection("127.0.0.1", twin.port, timeout=60)
    else:
        opened = http.client.HTTPSConnection("127.0.0.1", twin.port, context=context, timeout=60)
    try:
        yield opened
    finally:
        opened.close()


def _headers(twin, changed):
    headers = {"Authorization": f"Bearer {twin.token}", "Content-Type": "application/json"}
    headers |= {name.replace("_", "-"): value for name, value in changed.items()}
    return {name: value for name, value in headers.items() if value is not None}


def _encoded(body):
    return body if body is None or isinstance(body, bytes | str) else json.dumps(body)
