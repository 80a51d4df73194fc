"""The OpenAPI document is true: of the model's signature, and of every answer that generated requests get."""

import json
import threading

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from poorwill.registry.onnx_session import open_session
from poorwill.serving.http.server import Server
from poorwill.settings import read
from tests import models
from tests.serving.conftest import Caller

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


@pytest.fixture(scope="module")
def url():
    """Serve a model with two inputs and two outputs over a real socket."""
    caller = Caller(open_session(models.pair_model().SerializeToString()))
    server = Server(caller.application, settings=read({}, {"port": "0"}))
    thread = threading.Thread(target=server.run)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.stop()
    thread.join()


@pytest.fixture(scope="module")
def api(url):
    """Load the document as any tool would."""
    return schemathesis.openapi.from_url(f"{url}/openapi.json")


def test_every_generated_request_gets_an_answer_that_the_document_describes(api):
    operations = [found.ok() for found in api.get_all_operations()]

    for operation in operations:
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):

            @settings(max_examples=15, suppress_health_check=list(HealthCheck))
            @given(case=operation.as_strategy(generation_mode=mode))
            def check(case):
                case.call_and_validate(checks=CHECKS)

            try:
                check()
            except Unsatisfiable:  # a GET has nothing that could be wrong
                assert operation.method == "get"

    # the tool leaves out the document itself
    assert {operation.path for operation in operations} == set(api.raw_schema["paths"]) - {"/openapi.json"}


def test_a_request_that_the_document_gives_as_an_example_is_answered(pair):
    document = json.loads(pair.get("/openapi.json").body)
    example = document["components"]["schemas"]["InferRequest"]["examples"][0]

    assert pair.infer(example).status == 200


def test_the_document_names_datatypes_shapes_and_digest(pair):
    document = json.loads(pair.get("/openapi.json").body)

    tensors = document["components"]["schemas"]["InferRequest"]["properties"]["inputs"]["items"]["oneOf"]
    assert [tensor["properties"]["datatype"]["const"] for tensor in tensors] == ["FP32", "INT64"]
    assert tensors[0]["properties"]["data"] == {
        "type": "array",
        "items": {"type": "number"},
        "minItems": 2,
        "maxItems": 2,
    }
    assert document["info"]["x-digest"] == pair.application.served.digest


def test_every_path_of_the_document_is_served_and_every_served_path_is_in_it(pair):
    document = json.loads(pair.get("/openapi.json").body)

    assert set(document["paths"]) == set(pair.application.paths)
