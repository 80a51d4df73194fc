"""What the registry's commands print for people."""

import json
import re
import shlex
from importlib.metadata import version

import onnx
import pytest

from poorwill.cli import registry_pages
from poorwill.cli.main import run
from poorwill.registry import packing
from poorwill.store.opening import open_store
from tests import models
from tests.registry.packed import no_weights, push_packed


@pytest.fixture
def poorwill(tmp_path, monkeypatch, capsys):
    """Run a command in an empty folder and return what it printed."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments, code=0, environment=None):
        assert run([str(argument) for argument in arguments], environment or {}) == code
        return capsys.readouterr().out

    return call


def test_a_push_shows_what_was_stored_and_the_next_command(poorwill, tmp_path):
    out = poorwill("push", models.write("pair", tmp_path), "--name", "pairs", "--store", "./store")

    lines = [re.sub(r" +", " ", line).strip() for line in out.splitlines()]
    assert re.fullmatch(r"pairs@1 stored \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", lines[0])
    assert any(re.fullmatch(r"digest sha256:[0-9a-f]{64}", line) for line in lines)
    assert "opset ai.onnx 20 (IR 10)" in lines
    assert "producer poorwill-tests 1" in lines
    assert any(re.fullmatch(r"warm-up [0-9.]+ ms on inputs made from the signature", line) for line in lines)
    assert "inputs left FP32 [2]" in lines
    assert "right INT64 [2]" in lines
    assert "outputs total FP32 [2]" in lines
    assert lines[-1] == "next poorwill serve pairs@1 --store ./store"


def test_the_next_command_needs_no_flag_where_the_environment_names_the_store(poorwill, tmp_path):
    out = poorwill("push", models.write("sum", tmp_path), "--name", "sums", environment={"POORWILL_STORE": "elsewhere"})

    assert out.splitlines()[-1].split("next")[1].strip() == "poorwill serve sums@1"
    assert (tmp_path / "elsewhere/models/sums/versions/1.json").is_file()


def test_the_next_command_is_quoted_for_a_shell(poorwill, tmp_path):
    out = poorwill("push", models.write("sum", tmp_path), "--name", "sums", "--store", "my store; rm x")

    assert shlex.split(out.splitlines()[-1])[-1] == "my store; rm x"


def test_shapes_tell_dynamic_axes_and_free_ranks(poorwill, tmp_path):
    out = poorwill("push", models.write("dynamic", tmp_path), "--name", "a")
    assert "[rows, 2, any]" in out

    out = poorwill("push", models.write("free_rank", tmp_path), "--name", "b")
    assert re.search(r"x +FP32 +any", out)


def test_external_data_is_named(poorwill, tmp_path):
    out = poorwill("push", models.external_model(tmp_path / "e"), "--name", "a")

    assert "with weights/layer.bin" in out


def test_a_sample_is_the_warm_up(poorwill, tmp_path):
    (tmp_path / "table.onnx").write_bytes(models.table_model(offset=9).SerializeToString())
    (tmp_path / "sample.json").write_text(
        '{"inputs": [{"name": "index", "shape": [2], "datatype": "INT64", "data": [9, 12]}]}'
    )

    poorwill("push", "table.onnx", "--name", "tables", code=65)
    out = poorwill("push", "table.onnx", "--name", "tables", "--sample", "sample.json")

    assert "ms on your sample" in out


def test_lists_show_versions_and_aliases(poorwill, tmp_path):
    file = models.write("sum", tmp_path)
    poorwill("push", file, "--name", "sums")
    poorwill("push", file, "--name", "sums")

    assert poorwill("alias", "sums", "champion", "2") == "sums@champion → sums@2\n"

    assert re.search(r"sums +2, last 2 +champion → 2", poorwill("models"))
    versions = poorwill("versions", "sums")
    assert re.search(r"sums@1 +\d{4}", versions)
    assert re.search(r"sums@2 +champion +\d{4}", versions)
    assert re.search(r"aliases +champion", poorwill("show", "sums@champion"))


def test_an_empty_store_says_what_to_do(poorwill, tmp_path):
    assert poorwill("models", "--store", tmp_path) == "no models yet; push one: poorwill push model.onnx --name NAME\n"


def test_upkeep_tells_how_much(poorwill, tmp_path):
    poorwill("push", models.write("sum", tmp_path), "--name", "sums")
    assert re.fullmatch(r"1 versions, 1 blobs, \d+ B: all as they were stored\n", poorwill("verify"))

    assert "sums@1 removed" in poorwill("rm", "sums@1")

    assert re.fullmatch(r"1 blobs deleted, \d+ B; 0 kept\n", poorwill("gc", "--grace-seconds", 0))


def test_a_start_pack_is_shown_and_made_for_a_version_that_is_there(poorwill, tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "LEAST_GAIN_MS", float("-inf"))
    onnx.save(models.wide_model(), tmp_path / "wide.onnx")

    pushed = poorwill("push", "wide.onnx", "--name", "wide", "--no-pack")
    shown = poorwill("show", "wide@1")
    packed = poorwill("pack", "wide@1")

    assert "pack" not in pushed + shown
    told = f"for onnxruntime {version('onnxruntime')} on"
    assert re.fullmatch(rf"wide@1  a session in [0-9.]+ ms instead of [0-9.]+, 1.08 MB, {told} .*\n", packed)
    assert "a session in" in poorwill("show", "wide@1")
    assert json.loads(poorwill("show", "wide@1", "--output", "json"))["packs"][0]["digest"].startswith("sha256:")


def test_a_push_says_why_it_made_no_start_pack(poorwill, tmp_path):
    lines = poorwill("push", models.write("sum", tmp_path), "--name", "sums").splitlines()

    told = r" +pack +none: the model starts as fast without *"
    assert any(re.fullmatch(told, line) for line in lines)


def test_a_damaged_start_pack_is_told_with_what_mends_it(poorwill, tmp_path, monkeypatch, capsys):
    store = open_store(str(tmp_path / "store"), create=True)
    push_packed(store, tmp_path, monkeypatch)
    no_weights(store)

    assert run(["verify", "wide"], {}) == 74

    assert "wide@1, start pack, weights.data" in (told := capsys.readouterr().err)
    assert "`poorwill pack` makes it anew" in told


def test_a_list_too_long_to_be_folded_has_a_line_for_each_model(capsys):
    listed = [
        {"model": f"m-{number}", "versions": [1, number], "aliases": {"champion": 1}, "created": "2026-11-28T20:15:02Z"}
        for number in range(1, 502)
    ]

    registry_pages.show_models(listed)

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + 501
    assert lines[0].split() == ["model", "versions", "aliases", "latest"]
    assert re.split(" {2,}", lines[-1]) == ["m-501", "2, last 501", "champion → 1", "2026-11-28 20:15:02 UTC"]
