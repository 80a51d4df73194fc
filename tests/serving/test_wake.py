"""From nothing to ready, or to one error that says why not."""

import json
import subprocess
import sys
from hashlib import sha256

import msgspec
import numpy as np
import onnx
import pytest

from poorwill.errors import CorruptError, Fault, InvalidRequestError, NotFoundError, UnavailableError, UsageError
from poorwill.registry.aliases import move_alias
from poorwill.registry.keys import blob_key
from poorwill.registry.push import push_version
from poorwill.registry.records import BlobRef
from poorwill.serving.ledger import StartPack
from poorwill.serving.message import Request
from poorwill.serving.predictor import Predictor, Served
from poorwill.serving.wake import wake, warm_up
from poorwill.settings import read
from poorwill.store.opening import open_store
from poorwill.telemetry import Log
from tests import models
from tests.registry.packed import changed_record, no_weights, push_packed
from tests.serving.test_application import Fixed

ANOTHER_GRAPH = BlobRef("model.onnx", f"sha256:{sha256(b'no graph').hexdigest()}", len(b"no graph"))
REQUEST = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 3], "data": [1, 2, 3]}]}


@pytest.fixture
def folder(tmp_path):
    onnx.save(models.sum_model(), tmp_path / "sum.onnx")
    push_version(open_store(str(tmp_path / "store"), create=True), tmp_path / "sum.onnx", "tiny")
    return tmp_path / "store"


def awake(folder, model="tiny@1", **flags):
    return wake(read({}, {"store": str(folder), "model": model} | flags))


def infer(loaded, path="/v2/models/tiny/infer", request=REQUEST):
    return loaded.application.answer(Request("POST", path, {}, json.dumps(request).encode()))


def test_a_version_wakes_with_every_phase_in_its_ledger(folder):
    loaded = awake(folder)

    assert infer(loaded).status == 200
    report = loaded.application.ledger.report()
    names = [phase.name for phase in report.phases]
    assert names == ["interpreter", "imports", "fetch", "verify", "session", "warm_up", "first_answer"]
    assert report.ready_ms < report.first_answer_ms
    assert report.phases[1].start_ms == report.phases[0].duration_ms, "what is imported first counts as well"


def test_an_alias_wakes_the_version_that_it_names(folder):
    move_alias(open_store(str(folder)), "tiny", "champion", 1)

    assert awake(folder, "tiny@champion").application.served.version == "1"


def test_a_model_with_external_data_wakes_and_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "model").mkdir()
    file = models.external_model(tmp_path / "model")
    push_version(open_store(str(tmp_path / "store"), create=True), file, "big")

    loaded = awake(tmp_path / "store", "big@1")

    spec = loaded.application.served.model.signature.inputs[0]
    assert loaded.application.served.model.run({spec.name: np.ones([abs(size) for size in spec.sizes], np.float32)})
    assert list(tmp_path.glob("poorwill-*")) == []


def test_the_digest_that_is_demanded_must_be_the_versions(folder):
    digest = awake(folder).application.served.digest

    assert awake(folder, digest=digest).application.served.digest == digest
    with pytest.raises(CorruptError):
        awake(folder, digest="sha256:" + "0" * 64)


def test_a_blob_that_was_changed_never_serves(folder):
    blob = next((folder / "blobs/sha256").iterdir())
    content = bytearray(blob.read_bytes())
    content[-1] ^= 1
    blob.chmod(0o600)
    blob.write_bytes(content)

    with pytest.raises(CorruptError):
        awake(folder)


@pytest.mark.parametrize("model", ["tiny@2", "tiny@champion", "other@1"])
def test_a_version_that_is_not_there_is_not_found(folder, model):
    with pytest.raises(NotFoundError):
        awake(folder, model)


def test_a_store_that_is_away_is_told(tmp_path):
    with pytest.raises((UnavailableError, NotFoundError)):
        awake(tmp_path / "nowhere")


@pytest.mark.parametrize("model", ["", "tiny", "Tiny@1", "tiny@0", "tiny@v1"])
def test_a_name_that_is_no_version_is_refused(folder, model):
    with pytest.raises(UsageError):
        awake(folder, model)


def test_a_function_wakes_around_a_model_and_alone(folder, tmp_path):
    (tmp_path / "double_it").mkdir()
    (tmp_path / "double_it/main.py").write_text(
        "from poorwill.registry.records import Signature, TensorSpec\n"
        "X, T = TensorSpec('x', 'FP32', (-1, 3)), TensorSpec('total', 'FP32', (-1, 1))\n"
        "SIGNATURE = Signature((X,), (T,))\n"
        "def predict(inputs, model):\n"
        "    return model.run(inputs) if model else {'total': inputs['x'].sum(1, keepdims=True) * 2}\n"
    )
    function = str(tmp_path / "double_it")

    around, alone = awake(folder, function=function), awake(folder, "", function=function)

    assert json.loads(infer(around).body)["outputs"][0]["data"] == [6.0]
    assert json.loads(infer(alone, "/v2/models/double-it/infer").body)["outputs"][0]["data"] == [12.0]


@pytest.fixture
def packed(tmp_path, monkeypatch):
    """Push a version with a start pack, and return its store."""
    store = open_store(str(tmp_path / "store"), create=True)
    push_packed(store, tmp_path, monkeypatch)
    return store


def test_a_version_wakes_by_its_start_pack_and_says_so(packed, tmp_path):
    rows = {"x": np.ones((2, models.WIDTH), np.float32)}

    loaded = awake(tmp_path / "store", "wide@1")
    served = loaded.application.served
    plain = awake(tmp_path / "store", "wide@1", digest=served.digest)

    assert served.model.run(rows)["y"].tobytes() == plain.application.served.model.run(rows)["y"].tobytes()
    used, left = (one.application.ledger.report().start_pack for one in (loaded, plain))
    assert (used.unused, used.made_ms > 0, used.plain_ms > 0) == ("", True, True)
    assert left == StartPack("none, as none is pinned beside the digest")


def test_a_version_whose_start_pack_is_damaged_wakes_without_it(packed, tmp_path):
    no_weights(packed)

    loaded = awake(tmp_path / "store", "wide@1")

    assert "damaged" in loaded.application.ledger.report().start_pack.unused


def test_a_version_whose_start_pack_onnxruntime_refuses_wakes_without_it(packed, tmp_path):
    packed.put(blob_key(ANOTHER_GRAPH.digest), b"no graph")
    changed_record(packed, graph=msgspec.to_builtins(ANOTHER_GRAPH))

    loaded = awake(tmp_path / "store", "wide@1")

    assert "could not be loaded" in loaded.application.ledger.report().start_pack.unused
    answer = loaded.application.served.model.run({"x": np.zeros((1, models.WIDTH), np.float32)})
    assert answer["y"].shape == (1, models.WIDTH)


def test_a_start_without_a_pack_to_look_for_reports_none(folder):
    assert awake(folder).application.ledger.report().start_pack is None


class Slow(Fixed):
    def run(self, inputs, outputs=None):
        total = 0
        for number in range(200_000):
            total += number
        return super().run(inputs, outputs)


class Choosy(Fixed):
    def run(self, inputs, outputs=None):
        raise InvalidRequestError(Fault("x", "a picture", "none", "send one"))


def predictor(kind):
    return Predictor(Served("tiny", "1", "sha256:", "onnx", kind(np.zeros((1, 1), np.float32))))


def test_a_warm_up_tells_a_heavy_model_from_a_light_one():
    silent = Log(ratio=0, write=lambda line: None)

    assert warm_up(predictor(Slow), None, silent).heavy
    assert not warm_up(predictor(Fixed), None, silent).heavy


class Counting(Fixed):
    runs = 0

    def run(self, inputs, outputs=None):
        self.runs += 1
        return super().run(inputs, outputs)


@pytest.mark.parametrize(("known_ms", "runs"), [(0.0, 3), (0.5, 3), (5.0, 1)])
def test_one_warm_up_is_enough_where_a_start_pack_has_told_that_the_model_is_heavy(known_ms, runs):
    warmed = predictor(Counting)

    known = warm_up(warmed, None, Log(ratio=0, write=lambda line: None), known_ms=known_ms)

    assert (known.heavy, warmed.served.model.runs) == (known_ms > 1, runs)
    assert known.run_ms == known_ms or not known_ms


def test_a_function_that_refuses_a_made_up_request_still_wakes():
    lines = []

    warm_up(predictor(Choosy), None, Log(ratio=0, write=lines.append))

    assert b"warm-up refused" in lines[0]


@pytest.mark.parametrize("members", [{}, {"timings": None}], ids=["timed", "made before packs were timed"])
def test_a_start_pack_tells_what_sharing_runs_gains_and_one_without_leaves_it_to_a_timed_run(packed, tmp_path, members):
    if members:
        changed_record(packed, **members)

    choice = awake(tmp_path / "store", "wide@1").application.sharing.choice

    assert choice.is_open is (bool(members) and choice.may_share)
    assert bool(choice.plan.times) is not bool(members)


def test_nothing_of_sharing_runs_is_loaded_before_somebody_needs_it(folder):
    program = (
        "import sys; from poorwill.serving.wake import wake; from poorwill.settings import read;"
        f"wake(read({{}}, {{'store': {str(folder)!r}, 'model': 'tiny@1'}})); print(*sys.modules)"
    )

    modules = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()

    assert not {"poorwill.serving.batching.choice", "poorwill.registry.row_timing", "numpy.random"} & set(modules)
