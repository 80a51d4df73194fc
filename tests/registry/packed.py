"""A version with a start pack, and what may be changed of it, for tests of any folder."""

import json

import msgspec
import onnx

from poorwill.registry import packing
from poorwill.registry.keys import PACKS, blob_key
from poorwill.registry.packs import PackRecord
from poorwill.registry.push import push_version
from tests import models


def push_packed(store, folder, monkeypatch, name="wide"):
    """Push the wide model with a pack, however little it gains on this machine, and return what was pushed."""
    monkeypatch.setattr(packing, "LEAST_GAIN_MS", float("-inf"))
    file = folder / "wide.onnx"
    onnx.save(models.wide_model(), file)
    return push_version(store, file, name, pack=True)


def record_key(store):
    """Return the key of the only pack's record."""
    (entry,) = store.list(PACKS)
    return entry.key


def pack_of(store):
    """Return that record."""
    return msgspec.json.decode(store.get(record_key(store)).data, type=PackRecord)


def other_bytes(store):
    """Change a byte of the weights."""
    key = blob_key(pack_of(store).data.digest)
    data = bytearray(store.get(key).data)
    data[-1] ^= 1
    store.put(key, bytes(data))


def no_weights(store):
    """Delete the weights."""
    store.delete(blob_key(pack_of(store).data.digest))


def other_graph(store):
    """Cut the graph short."""
    key = blob_key(pack_of(store).graph.digest)
    store.put(key, store.get(key).data[:-1])


def no_record(store):
    """Put other bytes in the record's place."""
    store.put(record_key(store), b"{")


def changed_record(store, **members):
    """Put other members into the record."""
    key = record_key(store)
    store.put(key, json.dumps(json.loads(store.get(key).data) | members).encode())


def record_of_another_model(store):
    """Put the record of a pack of other bytes in the record's place."""
    changed_record(store, source=[f"sha256:{'0' * 64}"])


def record_that_leads_out(store):
    """Have the record name its weights by a path outside of the folder."""
    data = pack_of(store).data
    changed_record(store, data={"name": "../weights.data", "digest": data.digest, "size_bytes": data.size_bytes})


DAMAGES = (other_bytes, no_weights, other_graph, no_record, record_of_another_model, record_that_leads_out)


def full(*arguments, **options):
    """Stand for what writes to a disk that is full."""
    raise OSError(28, "No space left on device")
