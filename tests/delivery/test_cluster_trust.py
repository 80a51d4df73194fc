"""A cluster is believed for its own authority's word, however old-fashioned that is, and for nobody else's."""

import ipaddress
import json
import ssl
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from poorwill.delivery.cluster import Cluster
from poorwill.delivery.kubeconfig import Source
from poorwill.errors import UnavailableError
from poorwill.kinds.kind import NAMESPACE


class Authority:
    """An authority whose own certificate lacks what RFC 5280 asks for: no key usage, no key identifiers."""

    def __init__(self, name):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self.sign(self.name, self.key, x509.BasicConstraints(ca=True, path_length=None))

    def sign(self, name, key, *extensions):
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(
            self.name, name, key.public_key(), x509.random_serial_number(), now - timedelta(1), now + timedelta(1)
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM)


class Api(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def served(authority, folder):
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = authority.sign(x509.Name([]), key, names)
    file = folder / "server.pem"
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file.write_bytes(
        key.private_bytes(encoding, form, serialization.NoEncryption()) + certificate.public_bytes(encoding)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server = HTTPServer(("127.0.0.1", 0), Api)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def strict(monkeypatch):
    """Be as strict as Python 3.13 is by itself."""
    usual = ssl.create_default_context

    def create(*arguments, **options):
        context = usual(*arguments, **options)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    monkeypatch.setattr(ssl, "create_default_context", create)


def cluster(folder, url, believed):
    (folder / "ca.crt").write_bytes(believed.pem())
    written = {
        "clusters": [{"name": "c", "cluster": {"server": url, "certificate-authority": str(folder / "ca.crt")}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    (folder / "kubeconfig").write_text(yaml.safe_dump(written))
    return Cluster.connect(Source(folder / "kubeconfig"))


def test_its_own_authority_is_enough(tmp_path):
    authority = Authority("cluster")
    with served(authority, tmp_path) as url, cluster(tmp_path, url, authority) as found:
        assert found.get(NAMESPACE, "default")["metadata"]["name"] == "default"


def test_another_authority_of_the_same_name_is_not(tmp_path):
    with (
        served(Authority("cluster"), tmp_path) as url,
        cluster(tmp_path, url, Authority("cluster")) as found,
        pytest.raises(UnavailableError) as caught,
    ):
        found.get(NAMESPACE, "default")

    assert "certificate" in str(caught.value)
