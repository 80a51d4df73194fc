"""The command as a process: exit codes, one block for what goes wrong, and nothing imported that is not needed."""

import importlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from poorwill.cli.app import COMMANDS
from poorwill.cli.main import run
from tests import models

POORWILL = Path(sys.executable).with_name("poorwill")
ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


@pytest.fixture
def poorwill(tmp_path):
    """Run the command in an empty folder."""

    def call(*arguments, **environment):
        command = [POORWILL, *map(str, arguments)]
        return subprocess.run(
            command, cwd=tmp_path, env=ENVIRONMENT | environment, capture_output=True, text=True, check=False
        )

    return call


@pytest.mark.e2e
def test_a_model_goes_through_its_whole_life_as_json(poorwill, tmp_path):
    models.write("sum", tmp_path)

    def answer(*arguments):
        done = poorwill(*arguments, "--output", "json", POORWILL_STORE="models")
        assert (done.returncode, done.stderr) == (0, ""), arguments
        return json.loads(done.stdout)

    pushed = answer("push", "sum.onnx", "--name", "sums")
    assert (pushed["name"], pushed["version"], pushed["blob"]["digest"][:7]) == ("sums@1", 1, "sha256:")
    answer("push", "sum.onnx", "--name", "sums")
    assert answer("alias", "sums", "champion", "2") == {"model": "sums", "alias": "champion", "version": 2}
    assert answer("show", "sums@champion")["aliases"] == ["champion"]
    assert [entry["version"] for entry in answer("versions", "sums")["versions"]] == [1, 2]
    assert answer("rm", "sums@1") == {"name": "sums@1", "state": "removed"}
    assert [model["versions"] for model in answer("models")] == [[2]]
    assert answer("verify")["damages"] == []
    assert answer("gc", "--grace-seconds", "0")["blobs"] == 0


FAILURES = {
    "usage": (("push", "sum.onnx"), 2, "Missing option '--name'."),
    "unknown command": (("pull",), 2, "No such command 'pull'."),
    "bad name": (("push", "sum.onnx", "--name", "sums-v1"), 2, "version service"),
    "no model": (("push", "text.onnx", "--name", "sums"), 65, "an ONNX file"),
    "no file": (("push", "nothing.onnx", "--name", "sums"), 66, "no such file or directory"),
    "no sample": (("push", "sum.onnx", "--name", "sums", "--sample", "nothing.json"), 66, "--sample"),
    "bad sample": (("push", "sum.onnx", "--name", "sums", "--sample", "bad.json"), 65, "FP32"),
    "no store": (("models", "--store", "nowhere"), 69, "check --store"),
    "strange store": (("models", "--store", "ftp://bucket"), 2, "s3://bucket/prefix"),
    "no version": (("show", "sums@9"), 66, "poorwill versions"),
    "served version that is not there": (("serve", "sums@9"), 66, "poorwill versions"),
    "aliased": (("rm", "sums@1"), 73, "champion"),
    "alias given to rm": (("rm", "sums@champion"), 2, "an alias"),
    "not as expected": (("alias", "sums", "champion", "1", "--expected", "7"), 73, "version 7"),
    "bad setting": (("models",), 2, "PORT"),
}


@pytest.mark.e2e
@pytest.mark.parametrize(("arguments", "code", "text"), FAILURES.values(), ids=FAILURES)
def test_what_goes_wrong_is_one_block_and_an_exit_code(poorwill, tmp_path, arguments, code, text):
    models.write("sum", tmp_path)
    (tmp_path / "text.onnx").write_text("no model")
    (tmp_path / "bad.json").write_text('{"inputs": [{"name": "x", "shape": [1, 3], "datatype": "INT8", "data": [1]}]}')
    assert run(["push", str(tmp_path / "sum.onnx"), "--name", "sums", "--store", str(tmp_path / "store")], {}) == 0
    assert run(["alias", "sums", "champion", "1", "--store", str(tmp_path / "store")], {}) == 0

    done = poorwill(*arguments, **({"PORT": "eighty"} if text == "PORT" else {}))

    assert (done.returncode, done.stdout) == (code, "")
    assert text in done.stderr
    assert done.stderr.startswith("poorwill: ")
    assert all(label in done.stderr for label in ("  where   ", "  wanted  ", "  found   ", "  next    "))
    assert "Traceback" not in done.stderr


def test_a_corrupt_blob_is_named_on_both_channels(poorwill, tmp_path, capfd):
    store = str(tmp_path / "store")
    assert run(["push", str(models.write("sum", tmp_path)), "--name", "sums", "--store", store], {}) == 0
    (blob,) = (tmp_path / "store/blobs/sha256").iterdir()
    blob.write_bytes(b"changed")
    capfd.readouterr()

    code = run(["verify", "--store", store, "--output", "json"], {})

    out, err = capfd.readouterr()
    assert code == 74
    assert [damage["version"] for damage in json.loads(out)["damages"]] == ["sums@1"]
    assert f"wanted  sha256:{blob.name}" in err


@pytest.mark.e2e
def test_ctrl_c_ends_quietly(poorwill, tmp_path):
    fifo = tmp_path / "slow.onnx"
    os.mkfifo(fifo)
    command = [POORWILL, "push", fifo, "--name", "sums"]
    with (
        subprocess.Popen(
            command, cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process,
        fifo.open("wb") as writer,
    ):  # opens when the other end does: the push is reading
        process.send_signal(signal.SIGINT)
        writer.close()  # a signal that came just before the read began would else wait for it
        out, err = process.communicate(timeout=30)

    assert (process.returncode, out, err.strip()) == (130, b"", b"")


@pytest.mark.e2e
def test_a_reader_that_leaves_early_gets_no_trace(poorwill, tmp_path):
    for name in ("a", "b"):
        assert run(["push", str(models.write("sum", tmp_path)), "--name", name, "--store", str(tmp_path)], {}) == 0
    read_end, write_end = os.pipe()
    os.close(read_end)

    command = [POORWILL, "models", "--output", "json", "--store", tmp_path]
    done = subprocess.run(command, env=ENVIRONMENT, stdout=write_end, stderr=subprocess.PIPE, check=False)

    os.close(write_end)
    assert (done.returncode, done.stderr) == (1, b"")


HIDING = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in sys.argv[1].split(","):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hidden())
from poorwill.cli.main import run
code = run(sys.argv[2:], {})
print(*sorted({name.partition(".")[0] for name in sys.modules}))
raise SystemExit(code)
"""


def hiding(packages, *arguments):
    """Run a command without some packages; stdout ends with a line of all that was imported."""
    command = [sys.executable, "-c", HIDING, packages, *map(str, arguments)]
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("package", "extra", "arguments"),
    [
        ("click", "cli", ["models"]),
        ("onnx", "cli", ["push", "{file}", "--name", "sums"]),
        ("onnxruntime", "serve", ["push", "{file}", "--name", "sums"]),
        ("boto3", "cli", ["models", "--store", "s3://bucket"]),
        ("rich", "cli", ["models"]),
    ],
)
def test_a_package_that_is_not_installed_is_told_with_the_command_that_installs_it(tmp_path, package, extra, arguments):
    file = models.write("sum", tmp_path)
    store = [] if "--store" in arguments else ["--store", tmp_path]

    done = hiding(package, *(argument.format(file=file) for argument in arguments), *store)

    assert done.returncode == 2
    assert f"pip install 'poorwill[{extra}]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.e2e
def test_json_needs_no_rich_and_serve_needs_no_click(tmp_path):
    listed = hiding("rich", "models", "--store", tmp_path, "--output", "json")
    served = hiding("click,rich,boto3,onnx", "serve", "sums@1", "--store", tmp_path)

    assert listed.returncode == 0
    assert served.returncode == 66, "it got as far as the store"


@pytest.mark.parametrize("row", [row for row in COMMANDS.values() if row])
def test_every_command_in_the_table_is_there(row):
    module, _, attribute = row.partition(":")

    assert getattr(importlib.import_module(f"poorwill.cli.{module}"), attribute).help


@pytest.mark.parametrize("arguments", [[], ["-h"], ["--help"]])
def test_help_lists_every_command(arguments, capsys):
    assert run(arguments, {}) == 0

    out = capsys.readouterr().out
    assert all(f"\n  {name} " in out for name in COMMANDS)


def test_a_group_without_a_command_shows_its_help(capsys):
    assert run(["explain"], {}) == 0
    assert "Usage: poorwill explain" in capsys.readouterr().out


def test_the_version_is_told(capsys):
    assert run(["--version"], {}) == 0
    assert capsys.readouterr().out.startswith("poorwill 0.")
