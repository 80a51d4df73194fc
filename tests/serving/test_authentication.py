"""Both carriers ask callers who they are, the whole of them real processes; what is off is not even imported."""

import json
import subprocess
import sys
from hashlib import sha256

import numpy as np
import onnx
import pytest

from poorwill.client import Client
from poorwill.errors import UnauthenticatedError
from poorwill.registry.push import push_version
from poorwill.store.opening import open_store
from tests import models
from tests.conftest import free_ports
from tests.serving.auth.issuer import AUDIENCE, ISSUER, jwks, public, published, token
from tests.serving.test_conformance import REQUEST, ROOT, Served, command

KEY = "only-the-caller-has-this-key"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    onnx.save(models.sum_model(), folder / "sum.onnx")
    push_version(open_store(str(folder / "store"), create=True), folder / "sum.onnx", "tiny")
    return str(folder / "store")


@pytest.fixture(scope="module")
def issuer():
    with published(jwks(public("ES256", "k1"))) as publisher:
        yield publisher


@pytest.fixture(scope="module", params=["poorwill", "functions-framework"])
def served(request, store, issuer):
    (port,) = free_ports(1)
    environment = {
        "POORWILL_STORE": store,
        "POORWILL_MODEL": "tiny@1",
        "POORWILL_AUTHENTICATION": "api-keys,jwt",
        "POORWILL_API_KEYS": f"ci=sha256:{sha256(KEY.encode()).hexdigest()}",
        "POORWILL_JWT_ISSUER": ISSUER,
        "POORWILL_JWT_AUDIENCE": AUDIENCE,
        "POORWILL_JWT_SUBJECTS": "ci",
        "POORWILL_JWKS": issuer.url,
        "PYTHONPATH": str(ROOT / "functions"),
    }
    carrier = Served(command(request.param, port), environment, port, -1)
    try:
        yield carrier.wait()
    finally:
        code, output = carrier.stop()
    assert code == 0
    assert KEY.encode() not in output
    assert b"eyJ" not in output, "a token is in the log"


@pytest.mark.parametrize("credential", [KEY, token()], ids=["key", "token"])
def test_who_shows_a_right_credential_is_answered(served, credential):
    response, content = served.infer(REQUEST, authorization=f"Bearer {credential}")

    assert (response.status, json.loads(content)["outputs"][0]["data"]) == (200, [6.0])


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (401, {}),
        (401, {"authorization": "Bearer wrong"}),
        (401, {"authorization": f"Bearer {token(exp=1)}"}),
        (403, {"authorization": f"Bearer {token(sub='somebody')}"}),
    ],
    ids=["none", "wrong", "expired", "not-let-in"],
)
@pytest.mark.parametrize("path", ["/v2/models/tiny/infer", "/", "/v2", "/openapi.json", "/nothing"])
def test_everybody_else_is_refused_whatever_they_ask_for(served, path, status, headers):
    response, content = served.ask("POST", path, REQUEST, headers)

    assert response.status == status
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.headers["www-authenticate"] or "").startswith("Bearer realm=") is (status == 401)
    assert b"eyJ" not in content


def test_the_client_shows_its_token_and_is_told_when_it_is_wrong(served):
    url = f"http://127.0.0.1:{served.port}"
    inputs = {"x": np.array([[1, 2, 3]], np.float32)}

    with Client(url, token=KEY) as client:
        assert client.predict("tiny", inputs).outputs["total"].tolist() == [[6.0]]
    with Client(url, token=KEY[1:]) as client, pytest.raises(UnauthenticatedError):
        client.predict("tiny", inputs)


def test_the_command_takes_its_token_from_a_file_or_the_environment(served, tmp_path):
    (tmp_path / "key").write_text(f"{KEY}\n")
    asked = ["predict", "tiny", "--url", f"http://127.0.0.1:{served.port}", "--input", "x=[[1, 2, 3]]"]

    def run(*arguments, **environment):
        command = [sys.executable, "-m", "poorwill", *asked, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    refused = run()
    assert refused.returncode == 77
    assert "Authorization" in refused.stderr
    for done in (run("--token-file", tmp_path / "key"), run(POORWILL_TOKEN=KEY)):
        assert done.returncode == 0, done.stderr
        assert KEY not in done.stdout + done.stderr


def test_nothing_of_it_is_imported_where_it_is_off_and_no_tokens_for_keys(store):
    def imported(**environment):
        variables = {"POORWILL_STORE": store, "POORWILL_MODEL": "tiny@1"} | environment
        script = (
            f"import sys, poorwill.serving.wake as w; from poorwill.settings import read; w.wake(read({variables!r}));"
            "print([name for name in ('poorwill.serving.auth.gate', 'jwt', 'cryptography', 'urllib', 'pathlib')"
            " if name in sys.modules])"
        )
        return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert imported() == "[]\n"
    digest = sha256(KEY.encode()).hexdigest()
    assert imported(POORWILL_API_KEYS=f"ci=sha256:{digest}") == "['poorwill.serving.auth.gate']\n"


def test_a_start_that_would_let_in_nobody_or_everybody_by_mistake_fails(store):
    command = [sys.executable, "-m", "poorwill", "serve", "tiny@1", "--store", store, "--port", "0"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"POORWILL_AUTHENTICATION": "api-keys"}
    )

    assert (done.returncode, "--api-keys" in done.stderr) == (2, True)
