"""The deploy function as a real process under functions-framework, on a real API, as nobody but its ServiceAccount."""

import base64
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import urllib3
import yaml

from tests.conftest import free_ports
from tests.delivery.conftest import KUBECONFIG, ROOT, Ground
from tests.e2e.behaviour.ground import environment
from tests.serving.auth.issuer import AUDIENCE, ISSUER, jwks, public

KEY = "what-the-pipeline-shows"
START_SECONDS, ANSWER_SECONDS = 60, 300
MAIN = ROOT / "functions" / "deploy" / "main.py"


class Reply(NamedTuple):
    """What the function answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


class Running(NamedTuple):
    """The function's process."""

    url: str
    ground: Ground
    log: Path

    def ask(self, method: str, path: str, body: Any = None, *, key: str = KEY, **headers: str) -> Reply:
        """Send a request, with the key unless another one is given."""
        shown = {"authorization": f"Bearer {key}"} if key else {}
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        with urllib3.PoolManager() as http:
            reply = http.request(
                method,
                self.url + path,
                body=content,
                headers=shown | {name.replace("_", "-"): value for name, value in headers.items()},
                retries=False,
                timeout=ANSWER_SECONDS,
            )
        return Reply(reply.status, {name.lower(): value for name, value in reply.headers.items()}, reply.data)

    def event(self, data: Any, *, type: str = "dev.poorwill.model.registered", id: str = "1", **more: Any) -> Reply:  # noqa: A002
        """Send a structured event."""
        document = {"specversion": "1.0", "id": id, "source": "/registry", "type": type, "data": data}
        return self.ask("POST", "/", document, content_type="application/cloudevents+json", **more)


def command(port: int) -> list[str]:
    """Return the function's command."""
    framework = ["-m", "functions_framework", "--source", str(MAIN), "--target", "deploy"]
    return [sys.executable, *framework, "--host", "127.0.0.1", "--port", str(port)]


def as_service_account(ground: Ground) -> Path:
    """Apply the function's account and Role; return a kubeconfig with nothing but the account's token."""
    for name in ("service-account", "role"):
        ground.kubectl("apply", "-f", ROOT / f"knative/functions/deploy/{name}.yaml")
    config = yaml.safe_load(ground.kubeconfig.read_text())
    token = ground.kubectl("create", "token", "poorwill-deploy").strip()
    for user in config["users"]:
        user["user"] = {"token": token}
    path = ground.folder / f"deploy-{ground.cluster.namespace}"
    path.write_text(yaml.safe_dump(config))
    return path


@pytest.fixture(scope="module")
def function(ground: Ground) -> Iterator[Running]:
    """Run the function in the ground's namespace; a twin has no rights to tell apart."""
    (port,) = free_ports(1)
    kubeconfig = as_service_account(ground) if KUBECONFIG else ground.kubeconfig
    variables = {
        "KUBECONFIG": str(kubeconfig),
        "POORWILL_NAMESPACE": ground.cluster.namespace,
        "POORWILL_STORE": ground.store,
        "POORWILL_IMAGE": ground.image,
        "POORWILL_DEPLOY_WITH": "sleeps-soon",
        "POORWILL_API_KEYS": f"pipeline=sha256:{sha256(KEY.encode()).hexdigest()}",
        "POORWILL_JWT_ISSUER": ISSUER,
        "POORWILL_JWT_AUDIENCE": AUDIENCE,
        "POORWILL_JWT_SUBJECTS": "ci",
        "POORWILL_JWKS": jwks(public("ES256", "k1")).decode(),
        "PYTHONPATH": str(ROOT / "functions"),
    }
    log = ground.folder / f"deploy-{port}.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            command(port), env=environment(**variables), cwd=ground.folder, stdout=file, stderr=subprocess.STDOUT
        )
    running = Running(f"http://127.0.0.1:{port}", ground, log)
    try:
        _await(running, process)
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(START_SECONDS)
    assert KEY not in log.read_text()
    assert base64.b64encode(KEY.encode()).decode() not in log.read_text()


def _await(running: Running, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, running.log.read_text()
        try:
            if running.ask("GET", "/v2/health/ready", key="").status == 200:
                return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.05)
    raise AssertionError(running.log.read_text())
