"""A start pack is made where it gains time and answers as the model does; a push is a push whatever comes of it."""

from pathlib import Path

import numpy as np
import onnx

from poorwill.registry import packing, push
from poorwill.registry.keys import PACKS
from poorwill.registry.machine import this_machine
from poorwill.registry.packing import pack_version
from poorwill.registry.records import VersionName
from poorwill.store import faults
from tests import models
from tests.registry.packed import full, record_key


def test_a_pack_says_what_it_was_made_from_and_for_and_how_it_was_judged(pushed):
    record = pushed.packed.pack.record

    assert record.source == (pushed.record.blob.digest,)
    assert record.machine == this_machine()
    assert record.compared == 5
    assert min(record.plain_ms, record.pack_ms, record.run_ms) > 0
    assert record.timings.unfit == ""
    assert [timing.rows for timing in record.timings.times[:3]] == [1, 2, 4]


def test_a_pack_that_gains_too_little_is_not_kept(registry, store, tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "LEAST_GAIN_MS", float("inf"))
    onnx.save(models.wide_model(), tmp_path / "wide.onnx")

    packed = registry.push(tmp_path / "wide.onnx", "wide", pack=True).packed

    assert packed.pack is None
    assert "too little to gain" in packed.words
    assert list(store.list(PACKS)) == []


def test_a_pack_whose_answers_differ_by_bits_is_not_kept(registry, store, tmp_path, monkeypatch):
    real = packing.save_optimised

    def save_otherwise(source, graph, data_name):
        real(source, graph, data_name)
        data = Path(graph).with_name(data_name)
        weights = np.fromfile(data, np.uint32)
        weights[: models.WIDTH] ^= 1 << 12
        weights.tofile(data)

    monkeypatch.setattr(packing, "LEAST_GAIN_MS", float("-inf"))
    monkeypatch.setattr(packing, "save_optimised", save_otherwise)
    onnx.save(models.wide_model(), tmp_path / "wide.onnx")

    packed = registry.push(tmp_path / "wide.onnx", "wide", pack=True).packed

    assert packed.pack is None
    assert "bit for bit" in packed.words
    assert list(store.list(PACKS)) == []


def test_a_push_whose_pack_finds_no_room_is_a_push(registry, tmp_path, monkeypatch):
    onnx.save(models.wide_model(), tmp_path / "wide.onnx")
    monkeypatch.setattr(packing, "save_optimised", full)

    pushed = registry.push(tmp_path / "wide.onnx", "wide", pack=True)

    assert registry.resolve(VersionName("wide", 1, None)) == pushed.record
    assert "no space left on device" in pushed.packed.words


def test_a_push_whose_pack_the_store_does_not_take_is_a_push(registry, tmp_path, monkeypatch):
    def away(store, draft):
        raise faults.away("no answer", "wait")

    onnx.save(models.wide_model(), tmp_path / "wide.onnx")
    monkeypatch.setattr(push, "keep_pack", away)

    pushed = registry.push(tmp_path / "wide.onnx", "wide", pack=True)

    assert registry.resolve(VersionName("wide", 1, None)) == pushed.record
    assert "`poorwill pack` tries again" in pushed.packed.words


def test_the_record_of_a_pack_is_written_once(pushed, store, registry, tmp_path):
    before = store.get(record_key(store))

    again = registry.push(tmp_path / "wide.onnx", "wide", pack=True)

    assert again.packed.pack == pushed.packed.pack
    assert store.get(record_key(store)) == before


def test_a_pack_that_is_there_is_not_made_again(pushed, store, monkeypatch):
    monkeypatch.setattr(packing, "make_pack", None)

    again = pack_version(store, pushed.record, decode=lambda request, signature: {})

    assert again.pack == pushed.packed.pack


def test_this_machine_says_the_onnxruntime_that_an_import_brings():
    import onnxruntime

    assert this_machine().onnxruntime == onnxruntime.__version__
