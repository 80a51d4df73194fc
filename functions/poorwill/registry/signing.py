"""Ed25519 keys in PEM files: who signs a version's provenance, and whose signatures are trusted."""

import os
import re
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from poorwill.errors import ConflictError, Fault, UsageError

_PRIVATE_MODE, _PUBLIC_MODE = 0o600, 0o644
_PEM = ".pem"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class PublicKey(NamedTuple):
    """Whose signatures are trusted: `keyid` is the SHA-256 of the key's SubjectPublicKeyInfo, in hex."""

    keyid: str
    key: Ed25519PublicKey

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Return whether the signature is this key's for the message."""
        try:
            self.key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


class SigningKey(NamedTuple):
    """Who signs."""

    keyid: str
    key: Ed25519PrivateKey

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message."""
        return self.key.sign(message)


class KeyFiles(NamedTuple):
    """The two files of a new key."""

    private: Path
    public: Path
    keyid: str


def new_key(folder: Path, name: str) -> KeyFiles:
    """Write a key pair: <name>.key.pem, for its owner alone, and <name>.pub.pem.

    Raises:
        UsageError: the name has a folder in it, or nothing can be written there.
        ConflictError: one of the files is there.
    """
    if not _NAME.fullmatch(name):
        fault = Fault(
            "key name", "letters, digits, '-', '_' and '.', a letter or digit first", "others", "choose another"
        )
        raise UsageError(fault)
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    files = KeyFiles(folder / f"{name}.key{_PEM}", folder / f"{name}.pub{_PEM}", _keyid(key.public_key()))
    if files.public.exists():  # before its other half is written
        raise _taken(files.public)
    for path, content, mode in ((files.private, private, _PRIVATE_MODE), (files.public, public, _PUBLIC_MODE)):
        _write_new(path, content, mode)
    return files


def read_signing_key(path: Path) -> SigningKey:
    """Return the private key of a PEM file; raise UsageError where it holds none of Ed25519."""
    where, wanted = "--signing-key-file (POORWILL_SIGNING_KEY_FILE)", "an Ed25519 private key in PEM"
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except OSError:
        raise UsageError(
            Fault(where, wanted, "no file that can be read", "`poorwill keys new NAME` makes one")
        ) from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UsageError(Fault(where, wanted, "something else", "`poorwill keys new NAME` makes one")) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(Fault(where, wanted, "a key of another kind", "`poorwill keys new NAME` makes one"))
    return SigningKey(_keyid(key.public_key()), key)


def read_trusted_keys(path: Path) -> tuple[PublicKey, ...]:
    """Return the public keys of a PEM file, or of all in a folder, such as a ConfigMap that is mounted.

    Raises:
        UsageError: none is there, or one is no such key.
    """
    where, wanted = "--trusted-keys (POORWILL_TRUSTED_KEYS)", "Ed25519 public keys in PEM"
    files = sorted(path.glob(f"*{_PEM}")) if path.is_dir() else [path]
    keys, advice = [], "give <name>.pub.pem of `poorwill keys new`"
    for file in files:
        try:
            key = load_pem_public_key(file.read_bytes())
        except OSError:
            raise UsageError(Fault(where, wanted, "no file that can be read", advice)) from None
        except (ValueError, UnsupportedAlgorithm):
            raise UsageError(Fault(where, wanted, f"something else in {file.name}", advice)) from None
        if not isinstance(key, Ed25519PublicKey):
            raise UsageError(Fault(where, wanted, f"a key of another kind in {file.name}", advice))
        keys.append(PublicKey(_keyid(key), key))
    if not keys:
        raise UsageError(Fault(where, wanted, f"no *{_PEM} in the folder", advice))
    return tuple(keys)


def _keyid(key: Ed25519PublicKey) -> str:
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _taken(path: Path) -> ConflictError:
    advice = "name another: a key that signed something is needed as long as that is"
    return ConflictError(Fault(str(path), "a new file", "one that is there", advice))


def _write_new(path: Path, content: bytes, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise _taken(path) from None
    except OSError as error:
        found = os.strerror(error.errno or 0).lower()
        raise UsageError(Fault(str(path.parent), "a folder that can be written", found, "name another")) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
