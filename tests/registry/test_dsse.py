"""Envelopes are DSSE's own, and no signature of another key, payload or type passes for one."""

import json
from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from poorwill.errors import ConflictError, CorruptError, UsageError
from poorwill.registry.dsse import opened, pre_authentication_encoding, sealed
from poorwill.registry.signing import new_key, read_signing_key, read_trusted_keys

TYPE = "http://example.com/HelloWorld"
# protocol.md of DSSE v1.0.2, "Test vectors"
ENCODED = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


@pytest.fixture
def keys(tmp_path):
    return {name: new_key(tmp_path, name) for name in ("me", "you")}


def signing(keys, name):
    return read_signing_key(keys[name].private)


def trusted(keys, *names):
    return tuple(key for name in names for key in read_trusted_keys(keys[name].public))


def changed(envelope, **members):
    return json.dumps(json.loads(envelope) | members).encode()


def test_what_is_signed_is_encoded_as_the_protocols_own_example():
    assert pre_authentication_encoding(TYPE, b"hello world") == ENCODED
    assert pre_authentication_encoding("é", b"") == b"DSSEv1 2 \xc3\xa9 0 "


def test_a_signature_is_one_that_anybody_with_the_public_key_can_check(keys):
    envelope = json.loads(sealed(b"hello world", TYPE, signing(keys, "me")))

    (signature,) = envelope["signatures"]
    load_pem_public_key(keys["me"].public.read_bytes()).verify(b64decode(signature["sig"]), ENCODED)
    assert b64decode(envelope["payload"]) == b"hello world"
    assert (envelope["payloadType"], signature["keyid"]) == (TYPE, keys["me"].keyid)


def test_only_a_trusted_keys_signature_counts(keys):
    envelope = sealed(b"hello world", TYPE, signing(keys, "me"))

    assert opened(envelope, trusted(keys, "you", "me")).keyid == keys["me"].keyid
    assert opened(envelope, trusted(keys, "you")).keyid == ""
    assert opened(envelope).keyid == ""
    assert opened(sealed(b"hello world", TYPE, None), trusted(keys, "me")).keyid == ""


@pytest.mark.parametrize(
    "members", [{"payload": b64encode(b"hello worle").decode()}, {"payloadType": "http://example.com/HelloWorle"}]
)
def test_a_signature_holds_for_its_own_payload_and_type_alone(keys, members):
    envelope = changed(sealed(b"hello world", TYPE, signing(keys, "me")), **members)

    assert opened(envelope, trusted(keys, "me")).keyid == ""


def test_a_key_id_is_a_hint_and_no_proof(keys):
    forged = json.loads(sealed(b"hello world", TYPE, signing(keys, "you")))
    forged["signatures"][0]["keyid"] = keys["me"].keyid

    assert opened(json.dumps(forged).encode(), trusted(keys, "me")).keyid == ""


@pytest.mark.parametrize(
    "envelope", [b"", b"{}", b"[]", b'{"payload":"*","payloadType":"t","signatures":[{"sig":"a"}]}', b"\xff"]
)
def test_what_is_no_envelope_is_told(envelope):
    with pytest.raises(CorruptError):
        opened(envelope)


def test_a_new_keys_secret_half_is_its_owners_alone_and_no_key_is_written_over(keys, tmp_path):
    assert keys["me"].private.stat().st_mode & 0o777 == 0o600

    with pytest.raises(ConflictError):
        new_key(tmp_path, "me")
    keys["me"].private.unlink()
    with pytest.raises(ConflictError):
        new_key(tmp_path, "me")
    assert not keys["me"].private.exists()


@pytest.mark.parametrize("name", ["", "../me", "a/b", ".hidden"])
def test_a_keys_name_is_no_path(tmp_path, name):
    (tmp_path / "a").mkdir()

    with pytest.raises(UsageError):
        new_key(tmp_path, name)
    assert list(tmp_path.rglob("*.pem")) == []


def test_a_folder_of_keys_is_trusted_as_a_whole_or_not_at_all(keys, tmp_path):
    folder = tmp_path / "trusted"
    folder.mkdir()
    with pytest.raises(UsageError):
        read_trusted_keys(folder)
    for name in keys:
        (folder / f"{name}.pem").write_bytes(keys[name].public.read_bytes())

    assert {key.keyid for key in read_trusted_keys(folder)} == {pair.keyid for pair in keys.values()}

    (folder / "other.pem").write_bytes(keys["me"].private.read_bytes())
    with pytest.raises(UsageError):
        read_trusted_keys(folder)


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_file_that_is_no_key_is_told_by_the_setting_that_names_it(tmp_path, content):
    path = tmp_path / "key.pem"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(UsageError, match="POORWILL_SIGNING_KEY_FILE"):
        read_signing_key(path)
    with pytest.raises(UsageError, match="POORWILL_TRUSTED_KEYS"):
        read_trusted_keys(path)
