"""Served versions of tiny real models, answered in this process."""

import json

import pytest

from poorwill.registry.onnx_session import open_session
from poorwill.serving.application import Application
from poorwill.serving.ledger import Ledger
from poorwill.serving.message import Request
from poorwill.serving.predictor import Served
from poorwill.settings import read
from poorwill.telemetry import Log
from tests import models

DIGEST = "sha256:" + "0" * 64


class Caller:
    """Sends requests to an application and keeps its log lines."""

    def __init__(self, model, *, handle_event=None, heavy=False, sampler=None, sharing=None, **flags):
        self.lines = []
        log = Log(ratio=float(flags.pop("log_ratio", 0)), write=lambda line: self.lines.append(json.loads(line)))
        served = Served("tiny", "3", DIGEST, "onnxruntime_onnx", model, handle_event)
        settings = read({}, {name: str(value) for name, value in flags.items()})
        self.sampler = sampler(served, settings, log) if sampler else None
        self.application = Application(
            served,
            settings=settings,
            ledger=Ledger(),
            log=log,
            heavy=heavy,
            sampler=self.sampler,
            sharing=sharing,
        )

    def send(self, method, path, content=b"", **headers):
        content = content if isinstance(content, bytes) else json.dumps(content).encode()
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.application.answer(Request(method, path, names, content))

    def get(self, path, **headers):
        return self.send("GET", path, **headers)

    def post(self, path, content=b"", **headers):
        return self.send("POST", path, content, **headers)

    def infer(self, content, **headers):
        return self.post("/v2/models/tiny/infer", content, **headers)


@pytest.fixture
def summing():
    """Serve total[batch, 1] of x[batch, 3]."""
    return Caller(open_session(models.sum_model().SerializeToString()))


@pytest.fixture
def pair():
    """Serve total and difference of left FP32[2] and right INT64[2]."""
    return Caller(open_session(models.pair_model().SerializeToString()))


@pytest.fixture
def serve():
    """Return how to serve a model with settings of one's own."""
    return Caller
