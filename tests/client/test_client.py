"""Arrays come back as the model gives them, in binary and in JSON, from a server that isn't ours."""

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from cloudevents.http import CloudEvent

from poorwill.client import Client, Tensor
from poorwill.errors import InvalidRequestError, NotFoundError, PoorwillError, UnavailableError, UsageError
from poorwill.registry.datatypes import DATATYPES
from tests.client.inference_server import LENGTH

X = np.array([[1, 2, 3], [4, 5, 6]], np.float32)
EVENT = {"id": "1", "source": "/tests", "type": "dev.poorwill.prediction.requested", "time": "2026-01-31T09:30:00Z"}


def array_of(datatype):
    if datatype == "BYTES":
        return np.array([[b"a", b""], ["ü".encode(), b"\x00"]], object)
    return np.array([[0, 1], [1, 0]]).astype(DATATYPES[datatype].numpy)


@pytest.mark.parametrize("binary", [True, False])
def test_a_prediction_says_what_answered_and_how_long_it_took(client, binary):
    prediction = client.predict("sum", {"x": X}, request_id="mine", binary=binary)

    assert prediction.outputs["total"].tolist() == [[6], [15]]
    assert prediction.outputs["total"].dtype == np.float32
    assert prediction._replace(outputs={}) == (
        "sum",
        "1",
        "sha256:00",
        "mine",
        {},
        {"total": "FP32"},
        {"echo": "x"},
        {"decode": 0.125, "model": 1.5},
    )


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("datatype", sorted(set(DATATYPES) - {"BF16"}))
def test_every_datatype_comes_back_as_it_went(client, datatype, binary):
    array = array_of(datatype)

    prediction = client.predict("copy", {"x": array}, binary=binary)

    assert prediction.datatypes == {"x": datatype}
    assert prediction.outputs["x"].dtype == array.dtype
    assert prediction.outputs["x"].tolist() == array.tolist()


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("array", [np.array([1.5, -2], np.float32), np.array([0x3FC0, 0xC000], np.uint16)])
def test_bf16_goes_as_bits_or_floats_and_comes_back_as_float32(client, array, binary):
    prediction = client.predict("copy", {"x": Tensor(array, "BF16")}, binary=binary)

    assert prediction.outputs["x"].dtype == np.float32
    assert prediction.outputs["x"].tolist() == [1.5, -2]


@pytest.mark.parametrize("array", [np.array(["ü", "b"]), np.array([b"\xc3\xbc", b"b"]), np.array(["ü", "b"], object)])
def test_text_goes_as_bytes(client, array):
    prediction = client.predict("copy", {"x": array})

    assert prediction.outputs["x"].tolist() == ["ü".encode(), b"b"]


def test_several_inputs_of_odd_sizes_stay_apart(client):
    inputs = {"a": np.array([True, False, True]), "b": np.array(2.5), "c": np.zeros((0, 3), np.int64)}

    outputs = client.predict("copy", inputs).outputs

    assert {name: (array.shape, array.tolist()) for name, array in outputs.items()} == {
        "a": ((3,), [True, False, True]),
        "b": ((), 2.5),
        "c": ((0, 3), []),
    }


def test_the_first_tensor_starts_where_it_can_be_used_without_a_copy(client, server):
    client.predict("copy", {"odd name": X})
    _, headers, _ = server.seen[0]

    assert int(headers[LENGTH.lower()]) % 16 == 0


@pytest.mark.parametrize(
    ("values", "shape"),
    [([[1, 2, 3], [4, 5, 6]], [2, 3]), ([1, 2, 3], [1, 3]), ([1, 2, 3, 4, 5, 6], [2, 3]), ([], [0, 3])],
)
def test_lists_go_as_the_model_takes_them(client, server, values, shape):
    client.predict("sum", {"x": values}, binary=False)
    sent = json.loads(server.seen[-1][2])["inputs"][0]

    assert (sent["datatype"], sent["shape"]) == ("FP32", shape)


def test_the_metadata_is_asked_for_once(client, server):
    client.predict("sum", {"x": [1, 2, 3]})
    client.predict("sum", {"x": [1, 2, 3]})

    assert [path for path, _, _ in server.seen] == ["/v2/models/sum", *["/v2/models/sum/infer"] * 2]


def test_every_input_that_cannot_be_sent_is_named_before_anything_is(client, server):
    inputs = {"x": [1, "2", 3], "y": [1], "z": np.array([1j]), "w": Tensor(X, "FP31"), "v": [1, 2]}

    with pytest.raises(InvalidRequestError) as caught:
        client.predict("sum", inputs)

    assert len(caught.value.faults) == 5
    assert [path for path, _, _ in server.seen] == ["/v2/models/sum"]


def test_json_refuses_what_it_cannot_carry(client):
    with pytest.raises(InvalidRequestError):
        client.predict("sum", {"x": np.array([[np.nan] * 3], np.float32)}, binary=False)


def test_a_request_has_what_the_caller_asks_for(client, server):
    trace = "00-0af7651916cd43dd8448eb211c80319c-b9c7c989f97918e1-01"
    client.predict(
        "a/b",
        {"x": X},
        version=2,
        outputs=["total"],
        parameters={"depth": 1},
        request_id="mine",
        binary=False,
        traceparent=trace,
    )
    path, headers, body = server.seen[0]

    assert path == "/v2/models/a%2Fb/versions/2/infer"
    assert (headers["traceparent"], headers["x-request-id"]) == (trace, "mine")
    assert json.loads(body) == {
        "inputs": [{"name": "x", "shape": [2, 3], "datatype": "FP32", "data": [1, 2, 3, 4, 5, 6]}],
        "id": "mine",
        "parameters": {"depth": 1},
        "outputs": [{"name": "total"}],
    }


def test_a_trace_context_that_is_none_is_refused(client):
    with pytest.raises(InvalidRequestError):
        client.predict("sum", {"x": X}, traceparent="00-\r\nx: y")


def test_connections_are_kept_and_shared_by_threads(client, server):
    barrier = threading.Barrier(4)

    def ask(number):
        barrier.wait()
        return [client.predict("sum", {"x": X + number}).outputs["total"][0, 0] for _ in range(5)]

    with ThreadPoolExecutor(4) as threads:
        totals = list(threads.map(ask, range(4)))

    assert totals == [[6 + 3 * number] * 5 for number in range(4)]
    assert server.connections <= 4


def test_metadata_of_model_and_server_are_typed(client):
    described = client.metadata("sum", version=1)

    assert (described.name, described.versions, described.inputs[0].shape) == ("sum", ["1"], [-1, 3])
    assert client.server().version == "9"


def test_a_document_is_fetched_or_its_refusal_raised(client, server):
    server.script += [(200, b"{}"), (404, b"")]

    assert client.get("/openapi.json") == b"{}"
    with pytest.raises(NotFoundError):
        client.get("/other")


@pytest.mark.parametrize("script", [[(503, b"")], ["close"]])
def test_what_takes_no_requests_is_not_ready_at_once(client, server, script):
    assert client.ready("sum")
    server.script += script

    assert not client.ready()
    assert server.script == []


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"[]",
        b'{"outputs":[{"name":"a","datatype":"FP31","shape":[1],"data":[1]}]}',
        b'{"outputs":[{"name":"a","datatype":"FP32","shape":[2],"data":[1]}]}',
        b'{"outputs":[{"name":"a","datatype":"FP32","shape":[1]}]}',
        b'{"outputs":[{"name":"a","datatype":"FP32","shape":[-1],"data":[1]}]}',
        b'{"outputs":[{"name":"a","datatype":"FP32","shape":[1],"parameters":{"binary_data_size":4}}]}',
        b'{"outputs":[{"name":"a","datatype":"FP32","shape":[1],"parameters":{"binary_data_size":0}}]}',
    ],
)
def test_an_answer_that_breaks_the_protocol_is_an_error(client, server, answer):
    server.script.append((200, answer))

    with pytest.raises(PoorwillError) as caught:
        client.predict("sum", {"x": X})

    assert caught.value.faults[0].where == "the server's answer"


def test_nested_json_is_read(client, server):
    server.script.append((200, b'{"outputs":[{"name":"a","datatype":"INT8","shape":[1,2],"data":[[1,2]]}]}'))

    assert client.predict("sum", {"x": X}).outputs["a"].tolist() == [[1, 2]]


@pytest.mark.parametrize("structured", [True, False])
def test_an_event_is_answered_by_an_event(client, server, structured):
    reply = {"ce-specversion": "1.0", "ce-id": "r", "ce-source": "/models/sum", "ce-type": "done"}
    server.script.append((200, b'{"a":1}', reply | {"content-type": "application/json"}))

    answered = client.send(CloudEvent(EVENT | {"datacontenttype": "application/json"}, {"x": 1}), structured=structured)
    path, headers, body = server.seen[0]

    assert (answered["id"], answered.data) == ("r", {"a": 1})
    assert path == "/"
    assert (json.loads(body)["data"] if structured else json.loads(body)) == {"x": 1}
    assert ("ce-id" in headers) is not structured


def test_an_event_without_a_reply_is_answered_by_none(client, server):
    server.script.append((204, b""))

    assert client.send(CloudEvent(EVENT)) is None


def test_an_event_goes_to_the_urls_own_path(server):
    server.script.append((202, b""))
    with Client(f"{server.url}/default/broker") as client:
        client.send(CloudEvent(EVENT))

    assert server.seen[0][0] == "/default/broker"


@pytest.mark.parametrize("host", ["digits.default.127.0.0.1.localhost", ""])
def test_a_name_under_localhost_is_reached_on_every_system(server, host):
    with Client(f"http://digits.localhost:{server.server_port}", host=host) as client:
        client.server()

    assert server.seen[0][1]["host"] == (host or f"digits.localhost:{server.server_port}")


@pytest.mark.parametrize("url", ["", "localhost:8080", "ftp://a", "http://", "http://a:b@c", "http://a?b", "http://[x"])
def test_a_url_that_is_none_is_a_usage_error(url):
    with pytest.raises(UsageError):
        Client(url)


def test_no_server_is_said_after_the_wait(unserved_url):
    with Client(unserved_url, wait_seconds=0) as client, pytest.raises(UnavailableError):
        client.server()


def test_importing_poorwill_imports_nothing_else():
    code = "import sys; before = set(sys.modules); import poorwill; print(sorted(set(sys.modules) - before))"

    output = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, check=True, cwd="functions", text=True
    )

    assert output.stdout == "['poorwill']\n"


def test_the_client_is_found_in_the_package():
    import poorwill

    assert poorwill.Client is Client
    with pytest.raises(AttributeError):
        poorwill.Other  # noqa: B018 - the lookup is the test
