"""`poorwill predict` takes arrays and request files, and prints outputs for people and for programs."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from poorwill.cli.predict import as_text, predict
from poorwill.client import Prediction
from poorwill.errors import NotFoundError, PoorwillError, UsageError
from tests.client.inference_server import InferenceServer

REQUEST = {
    "id": "mine",
    "parameters": {"depth": 1},
    "inputs": [{"name": "x", "shape": [1, 3], "datatype": "FP32", "data": [1, 2, 3]}],
    "outputs": [{"name": "total"}],
}


@pytest.fixture
def server():
    server = InferenceServer()
    yield server
    server.stop()


@pytest.fixture
def run(server):
    def run(*arguments, **options):
        result = CliRunner().invoke(predict, ["sum@1", "--url", server.url, *arguments], **options)
        if isinstance(result.exception, PoorwillError):
            raise result.exception
        return result

    return run


@pytest.fixture
def array_file(tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, np.array([[1, 2, 3], [4, 5, 6]], np.float32))
    return path


@pytest.mark.parametrize("how", ["--binary", "--json"])
def test_an_array_file_is_answered_readably(run, array_file, how):
    result = run("--input", f"x={array_file}", how)

    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        "sum@1  sha256:00",
        "  total  FP32 [2, 1]  [[ 6.]",
        "                       [15.]]",
        "request r-1  (decode 0.125 ms, model 1.5 ms)",
    ]


def test_a_request_goes_as_it_is_written_from_a_file_or_stdin(run, server, tmp_path):
    path = tmp_path / "request.json"
    path.write_text(json.dumps(REQUEST))

    from_file = run("--input", f"@{path}", "--json")
    from_stdin = run("--input", "-", "--json", input=json.dumps(REQUEST))

    assert from_file.output == from_stdin.output
    assert [json.loads(body) for _, _, body in server.seen] == [REQUEST, REQUEST]
    assert server.seen[0][0] == "/v2/models/sum/versions/1/infer"


def test_a_list_on_the_command_line_goes_as_the_model_takes_it(run):
    result = run("--input", "x=[1, 2, 3]", "--output", "json")

    assert json.loads(result.output) == {
        "model": "sum",
        "version": "1",
        "digest": "sha256:00",
        "request_id": "r-1",
        "outputs": {"total": {"datatype": "FP32", "shape": [1, 1], "data": [6]}},
        "parameters": {"echo": "x"},
        "server_timing_ms": {"decode": 0.125, "model": 1.5},
    }


def test_every_input_that_cannot_be_used_is_named(run, server, tmp_path):
    (tmp_path / "text.npy").write_text("text")
    np.save(tmp_path / "objects.npy", np.array([{}], object), allow_pickle=True)
    (tmp_path / "request.json").write_text('{"inputs":[{"name":"x","shape":[-1],"datatype":"FP32"},{"a":1}]}')
    (tmp_path / "types.json").write_text(
        '{"inputs":[{"name":"x","shape":[-1],"datatype":"FP32"},{"name":"y","shape":[1],"datatype":"F"},'
        '{"name":"z","shape":[1],"datatype":"FP32","data":["1"]}]}'
    )
    sources = ["x", f"x={tmp_path}/none.npy", f"x={tmp_path}/text.npy", f"x={tmp_path}/objects.npy", "x=[1"]
    sources += [f"@{tmp_path}/none.json", f"@{tmp_path}/request.json", f"@{tmp_path}/types.json"]

    with pytest.raises(UsageError) as caught:
        run(*[part for source in sources for part in ("--input", source)])

    assert [fault.where for fault in caught.value.faults] == [
        *(f"--input {number}" for number in range(1, 8)),
        "--input 8, inputs[0].shape",
        "--input 8, inputs[1].datatype",
        "--input 8, inputs[2].data",
    ]
    assert server.seen == []


def test_the_servers_refusal_is_the_commands_error(run, server):
    server.script.append((404, b'{"error":"no such model"}'))

    with pytest.raises(NotFoundError):
        run("--input", "x=[1]")


def test_json_output_refuses_what_json_cannot_carry(run):
    request = json.dumps(REQUEST).replace("[1, 2, 3]", "[3e38, 3e38, 3e38]")

    assert "inf" in run("--input", "-", input=request).output
    with pytest.raises(UsageError):
        run("--input", "-", "--output", "json", input=request)


def test_text_is_shown_as_text_and_many_numbers_in_few_lines():
    outputs = {"label": np.array([["ü".encode(), b"\xff"]], object), "p": np.zeros(10_000, np.float32)}
    prediction = Prediction("m", "1", "", "r", outputs, {"label": "BYTES", "p": "FP32"}, {}, {})

    assert list(as_text(prediction)) == [
        "m@1",
        "  label  BYTES [1, 2]  [['ü' '�']]",
        "  p      FP32 [10000]  [0. 0. 0. ... 0. 0. 0.]",
        "request r",
    ]
