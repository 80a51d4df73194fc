"""Metrics as Prometheus reads them, parsed by its own client."""

import http.server
import threading

import pytest
from prometheus_client.parser import text_string_to_metric_families

from poorwill.serving.exposition import Exposition
from poorwill.telemetry import MODEL_SECONDS, REQUEST_SECONDS, REQUESTS_TOTAL, VERSION_INFO

REQUEST = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 3], "data": [1, 2, 3]}]}


def exposition(caller):
    return Exposition(caller.application)


def samples(text):
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_counts_and_durations_are_exposed_with_units_in_their_names(summing):
    summing.infer(REQUEST)
    summing.infer(b"{}")

    found = samples(exposition(summing).answer().body)

    labels = (("model", "tiny"), ("version", "3"))
    assert found[(REQUESTS_TOTAL, labels[0], ("route", "infer"), ("status", "200"), labels[1])] == 1
    assert found[(REQUESTS_TOTAL, labels[0], ("route", "infer"), ("status", "400"), labels[1])] == 1
    assert found[(f"{REQUEST_SECONDS}_count", labels[0], ("route", "infer"), labels[1])] == 2
    assert found[(f"{MODEL_SECONDS}_count", *labels)] == 1
    assert found[(f"{MODEL_SECONDS}_bucket", ("le", "+Inf"), *labels)] == 1
    digest = ("digest", summing.application.served.digest)
    assert found[(VERSION_INFO, digest, *labels)] == 1


def test_every_metric_of_ours_ends_in_its_unit_or_says_what_it_counts(summing):
    summing.infer(REQUEST)
    text = exposition(summing).answer().body.decode()

    names = {family.name for family in text_string_to_metric_families(text) if family.name.startswith("poorwill_")}

    assert names
    assert all(name.endswith(("_seconds", "_bytes", "_info", "_requests", "_ratio")) for name in names), names


@pytest.fixture
def gateway():
    """Run a server that takes what a Pushgateway takes, and keeps it."""
    received = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_PUT(self):
            received.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200 if self.path.startswith("/metrics/job/") else 400)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", received
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_last_metrics_are_pushed(summing, gateway):
    url, received = gateway
    summing.infer(REQUEST)

    failed = exposition(summing).push(f"{url}/metrics/job/poorwill")

    assert failed == ""
    assert REQUESTS_TOTAL.encode() in received[0][1]


def test_a_push_that_fails_is_told_and_not_raised(summing, gateway):
    url, _ = gateway

    assert exposition(summing).push(f"{url}/elsewhere") == "status 400"
    assert exposition(summing).push("http://127.0.0.1:1/metrics/job/poorwill") == "ConnectionRefusedError"
