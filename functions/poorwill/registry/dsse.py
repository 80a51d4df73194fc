"""Signed envelopes: DSSE, the Dead Simple Signing Envelope, version 1.

https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md and envelope.md
"""

import binascii
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from poorwill.errors import CorruptError, Fault

if TYPE_CHECKING:
    from poorwill.registry.signing import PublicKey, SigningKey

_URL_SAFE = str.maketrans("-_", "+/")


class _Signature(msgspec.Struct, frozen=True):
    sig: str  # Base64
    keyid: str = ""


class Envelope(msgspec.Struct, frozen=True):
    """A payload with its signatures; both are Base64 in JSON."""

    payload: str
    payloadType: str  # noqa: N815 - the protocol's name
    signatures: tuple[_Signature, ...]


class Opened(msgspec.Struct, frozen=True):
    """What was in an envelope, and which trusted key has signed it; "" for none."""

    payload: bytes
    payload_type: str
    keyid: str = ""


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """Return what is signed (protocol.md, PAE): type and payload, each with its length, so neither can be moved."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sealed(payload: bytes, payload_type: str, key: "SigningKey | None") -> bytes:
    """Return an envelope as JSON, signed by a key; without one it has no signature."""
    signatures: tuple[_Signature, ...] = ()
    if key is not None:
        made = key.sign(pre_authentication_encoding(payload_type, payload))
        signatures = (_Signature(_encoded(made), key.keyid),)
    return msgspec.json.encode(Envelope(_encoded(payload), payload_type, signatures)) + b"\n"


def opened(envelope: bytes, trusted: Sequence["PublicKey"] = ()) -> Opened:
    """Return an envelope's payload, and the trusted key that has signed it, if one has.

    Signatures of other keys count for nothing, and `keyid` is a hint alone (protocol.md): every key is tried.

    Raises:
        CorruptError: it is no envelope.
    """
    try:
        found = msgspec.json.decode(envelope, type=Envelope)
        payload = _decoded(found.payload)
        signatures = [_decoded(signature.sig) for signature in found.signatures]
    except (msgspec.MsgspecError, ValueError):  # of Base64, too
        raise CorruptError(Fault("provenance", "a DSSE envelope", "other bytes", "register the version anew")) from None
    message = pre_authentication_encoding(found.payloadType, payload)
    signer = next((key.keyid for key in trusted for sign in signatures if key.verifies(sign, message)), "")
    return Opened(payload, found.payloadType, signer)


def _decoded(text: str) -> bytes:
    """Return what is Base64 in either alphabet, as envelope.md allows; raise ValueError for anything else."""
    return binascii.a2b_base64(text.translate(_URL_SAFE), strict_mode=True)


def _encoded(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).decode()
