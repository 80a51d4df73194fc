"""Who may use the twin's API: a token and a certificate of its own, and the kubeconfig that holds both.

kubectl sends a token over TLS only, so the API speaks nothing else. The authority's key is thrown away once it has
signed the one certificate: nobody can make another that the kubeconfig trusts.
"""

import base64
import os
import secrets
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import NamedTuple

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

USER = "twin-admin"
"""Who everybody with the token is, as objects and answers tell it."""

_NAME = "poorwill-twin"
_VALID = timedelta(days=825)
_RENEWED = timedelta(days=60)  # before the end
_CLOCKS = timedelta(hours=1)  # that differ, as those of a container and its host do
_TOKEN_BYTES = 32


class Access(NamedTuple):
    """What opens the API."""

    kubeconfig: Path
    token: str
    tls: ssl.SSLContext


def access(folder: Path, port: int) -> Access:
    """Return what opens the API on a port: the same as last time, but for a certificate that comes to its end.

    Everything lies in the folder, and only its owner can read it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority, server, token = folder / "api-ca.pem", folder / "api-server.pem", folder / "api-token"
    if not _lasts(server) or not authority.exists():
        for path, content in zip((authority, server), _certificates(datetime.now(UTC)), strict=True):
            _write(path, content)
    if not token.exists():
        _write(token, secrets.token_urlsafe(_TOKEN_BYTES).encode())
    kubeconfig = folder / "kubeconfig"
    _write(kubeconfig, _kubeconfig(port, authority.read_bytes(), token.read_text()))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    tls.load_cert_chain(server)
    return Access(kubeconfig, token.read_text(), tls)


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, closed to others from its first byte."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)


def _lasts(path: Path) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return False
    return certificate.not_valid_after_utc > datetime.now(UTC) + _RENEWED


def _certificates(now: datetime) -> tuple[bytes, bytes]:
    """Return an authority's certificate, and the server's with its key, all new."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _unsigned(f"{_NAME}-ca", f"{_NAME}-ca", authority_key.public_key(), now)
    authority = authority.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    authority = authority.add_extension(_usage(signs=True), critical=True)
    addresses = (IPv4Address("127.0.0.1"), IPv6Address("::1"))
    hosts = [x509.DNSName("localhost"), *(x509.IPAddress(address) for address in addresses)]
    server = _unsigned(_NAME, f"{_NAME}-ca", key.public_key(), now)
    server = server.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    server = server.add_extension(_usage(signs=False), critical=True)
    server = server.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    server = server.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    server = server.add_extension(identifier, critical=False)
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    signed = [one.sign(authority_key, hashes.SHA256()).public_bytes(pem) for one in (authority, server)]
    return signed[0], signed[1] + secret


def _unsigned(subject: str, issuer: str, key: ec.EllipticCurvePublicKey, now: datetime) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder(public_key=key, serial_number=x509.random_serial_number())
    builder = builder.subject_name(_called(subject)).issuer_name(_called(issuer))
    builder = builder.not_valid_before(now - _CLOCKS).not_valid_after(now + _VALID)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _kubeconfig(port: int, authority: bytes, token: str) -> bytes:
    encoded = base64.b64encode(authority).decode()
    cluster = {"server": f"https://127.0.0.1:{port}", "certificate-authority-data": encoded}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": _NAME, "cluster": cluster}],
        "users": [{"name": USER, "user": {"token": token}}],
        "contexts": [{"name": _NAME, "context": {"cluster": _NAME, "user": USER, "namespace": "default"}}],
        "current-context": _NAME,
    }
    return yaml.safe_dump(config, sort_keys=False).encode()
