"""A start pack is used where it was proven to answer as the model does; where anything differs, the model itself is."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest

from poorwill.registry import lookup, machine, packing
from poorwill.registry.attestation import PAYLOAD_TYPE
from poorwill.registry.dsse import sealed
from poorwill.registry.keys import PACKS
from poorwill.registry.lookup import fetch_version
from poorwill.registry.machine import CPU_PROVIDER
from poorwill.registry.onnx_session import open_session
from poorwill.registry.packing import pack_version
from poorwill.registry.packs import DAMAGED
from poorwill.registry.push import Claim
from poorwill.registry.records import VersionName
from poorwill.registry.signing import new_key, read_signing_key
from poorwill.store.faults import away
from poorwill.store.reader import Reader, open_reader
from tests import models
from tests.registry.packed import DAMAGES, changed_record, full, other_bytes, record_key
from tests.registry.test_attestation import STATEMENT

ANY_DIGEST = f"sha256:{'0' * 64}"


@pytest.fixture
def fetch(tmp_path, monkeypatch):
    """Return how a predictor fetches a version of the model `wide`."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # where packs that are only looked at are left

    def fetched(version=1, providers=CPU_PROVIDER, **options):
        name = VersionName("wide", version, None)
        return fetch_version(open_reader(str(tmp_path / "store")), name, providers=providers, **options)

    return fetched


def answers(fetched, rows):
    packed = fetched.pack is not None
    with fetched.source() as source:
        model = open_session(source, signature=fetched.record.signature, optimised=packed)
    return model.run({"x": rows})["y"]


def unused(fetched):
    """Return why there is no pack; the model's own bytes are there instead."""
    assert fetched.pack is None
    assert onnx.load_from_string(fetched.model) == models.wide_model()
    return fetched.pack_words


def test_a_pack_is_found_by_what_a_predictor_runs_on_and_answers_as_the_model_does(pushed, fetch):
    rows = np.random.default_rng(1).standard_normal((5, models.WIDTH)).astype(np.float32)

    packed, plain = fetch(), fetch(providers="")

    assert packed.pack == pushed.packed.pack.record
    assert (packed.model, plain.pack) == (b"", None)
    assert answers(packed, rows).tobytes() == answers(plain, rows).tobytes()
    assert not Path(packed.folder).exists(), "what is mapped needs no name any more"


def test_a_small_model_has_no_pack_and_none_is_looked_for(registry, sum_file, fetch, store):
    pushed = registry.push(sum_file, "wide", pack=True)

    assert pushed.packed.pack is None
    assert pushed.packed.words == "the model starts as fast without"
    assert list(store.list(PACKS)) == []
    assert fetch().pack_words == ""


def test_a_pack_is_of_the_external_data_too(registry, fetch, tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "LEAST_GAIN_MS", float("-inf"))
    folder = tmp_path / "exported"
    folder.mkdir()
    onnx.save_model(models.wide_model(), folder / "wide.onnx", save_as_external_data=True, location="wide.data")
    first = registry.push(folder / "wide.onnx", "wide", pack=True)
    weights = bytearray((folder / "wide.data").read_bytes())
    weights[0] ^= 1
    (folder / "wide.data").write_bytes(weights)
    second = registry.push(folder / "wide.onnx", "wide").record

    packed, other = fetch(version=1), fetch(version=2)

    assert first.record.blob == second.blob
    assert packed.pack == first.packed.pack.record
    assert other.pack is None


def other_features(monkeypatch, tmp_path):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("flags : fpu sse4_1 avx avx2 fma f16c\nFeatures : fp asimd\n")
    monkeypatch.setattr(machine, "_CPUINFO", str(cpuinfo))


def untold_features(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "_CPUINFO", str(tmp_path / "nothing"))


def other_onnxruntime(monkeypatch, tmp_path):
    (tmp_path / "onnxruntime").mkdir()
    (tmp_path / "onnxruntime/__init__.py").write_text('__version__ = "1.31.9"\n')
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.parametrize("differ", [other_features, untold_features, other_onnxruntime])
def test_a_pack_for_another_machine_is_left(differ, pushed, fetch, monkeypatch, tmp_path):
    assert fetch().pack == pushed.packed.pack.record

    differ(monkeypatch, tmp_path)

    assert unused(fetch()) == "none for what this runs on"


@pytest.mark.parametrize("providers", ["CUDAExecutionProvider", "CUDAExecutionProvider,CPUExecutionProvider"])
def test_a_pack_is_left_where_other_providers_are_named(providers, pushed, fetch):
    assert pushed.packed.pack

    assert unused(fetch(providers=providers)) == "none for what this runs on"


def test_a_pack_of_another_model_is_left(registry, pushed, fetch, tmp_path):
    changed = models.wide_model()
    changed.doc_string = "other bytes"
    onnx.save(changed, tmp_path / "wide.onnx")
    registry.push(tmp_path / "wide.onnx", "wide")

    assert fetch().pack == pushed.packed.pack.record
    assert fetch(version=2).pack is None


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_pack_is_left_and_told_by_verify(damage, pushed, fetch, registry, store):
    damage(store)

    assert unused(fetch()) == DAMAGED
    if damage.__name__ != "record_that_leads_out":  # whose bytes are as they were stored
        assert any(bad.part.startswith("start pack") for bad in registry.verify("wide").damages)


def test_a_damaged_pack_leaves_nothing_on_the_disk(pushed, fetch, store, tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    other_bytes(store)

    assert unused(fetch()) == DAMAGED
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_model_of_one_file_that_a_pods_disk_may_not_hold_is_loaded_from_memory(pushed, fetch, monkeypatch):
    assert fetch().pack == pushed.packed.pack.record

    monkeypatch.setattr(lookup, "MOST_PACKED_BYTES", lookup.LEAST_PACKED_BYTES)

    assert unused(fetch()) == ""


def test_where_a_store_denies_what_is_not_there_the_model_itself_is_loaded(pushed, store):
    def chunks(key):
        if key.startswith(PACKS):
            raise away("access denied", "check what it may read")
        return store.stream(key)

    assert unused(fetch_version(Reader(chunks), VersionName("wide", 1, None), providers=CPU_PROVIDER))


def test_where_a_pack_finds_no_room_the_model_itself_is_loaded(pushed, fetch, monkeypatch):
    monkeypatch.setattr("tempfile.mkdtemp", full)

    assert "can't hold" in unused(fetch())


@pytest.mark.parametrize("damage", DAMAGES[:-1])
def test_a_damaged_pack_can_be_made_anew(damage, pushed, fetch, registry, store):
    damage(store)

    packed = pack_version(store, pushed.record, decode=lambda request, signature: {})

    assert fetch().pack == packed.pack.record
    assert registry.verify("wide").damages == ()


def test_where_a_digest_is_demanded_only_a_pinned_pack_is_used(pushed, fetch, store):
    digest, pinned = pushed.record.blob.digest, pushed.packed.pack.digest

    assert unused(fetch(digest=digest)) == "none, as none is pinned beside the digest"
    assert "not the pinned one" in unused(fetch(digest=digest, pack_digests=ANY_DIGEST))
    assert fetch(digest=digest, pack_digests=f"{ANY_DIGEST},{pinned}").pack == pushed.packed.pack.record

    changed_record(store, run_ms=0.001)

    assert "not the pinned one" in unused(fetch(digest=digest, pack_digests=pinned))


def test_no_pack_stands_for_what_a_trusted_key_has_signed(pushed, registry, fetch, tmp_path):
    key = new_key(tmp_path, "me")
    statement = json.loads(json.dumps(STATEMENT))
    hexadecimal = pushed.record.blob.digest.removeprefix("sha256:")
    statement["subject"] = [{"name": "model.onnx", "digest": {"sha256": hexadecimal}}]
    statement["predicate"]["buildDefinition"]["externalParameters"]["model"] = "wide"
    envelope = sealed(json.dumps(statement).encode(), PAYLOAD_TYPE, read_signing_key(key.private))
    registry.push(tmp_path / "wide.onnx", "wide", claim=Claim(ANY_DIGEST, "line", "line-1", envelope))

    assert fetch(version=2).pack == pushed.packed.pack.record
    assert "signature" in unused(fetch(version=2, trusted_keys=str(key.public)))


def test_gc_keeps_a_pack_as_long_as_a_version_has_its_bytes(pushed, fetch, registry, store, tmp_path):
    registry.push(tmp_path / "wide.onnx", "wide")
    registry.remove("wide", 1)

    assert registry.gc(grace_seconds=0).blobs == 0
    assert fetch(version=2).pack == pushed.packed.pack.record

    registry.remove("wide", 2)

    assert registry.gc(grace_seconds=0).blobs == 3
    assert list(store.list(PACKS)) == []


def test_gc_lets_a_young_pack_be(pushed, registry, store):
    registry.remove("wide", 1)

    registry.gc()

    assert record_key(store)
