"""A twin that a test may do harm to: its processes by what they are, callers that tell a hang from a refusal."""

import json
import os
import signal
import time
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import urllib3
import yaml

from poorwill.local.folder import TwinFolder
from poorwill.local.pods.images import Images
from tests.e2e.behaviour.ground import DIGITS, SAMPLE, Answer, Ground, version_service

ROUTE = "digits.default.poorwill.localhost"
OWN, OTHER = "digits-v1.default.poorwill.localhost", "digits-v2.default.poorwill.localhost"
FAULTY = "test=faulty"  # the label of what `serve` makes
BROKEN, HUNG = 0, -1
"""What a caller got that is no answer: a connection that ended or was refused; nothing at all."""
PATIENCE_SECONDS = 60

# functions around the digit recogniser
FUNCTIONS = {
    "slow": "import time\ndef predict(inputs, model):\n    time.sleep(1.5)\n    return model.run(inputs)\n",
    "stubborn": (
        "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nsignal.signal = lambda *_: signal.SIG_IGN\n"
        "def predict(inputs, model):\n    return model.run(inputs)\n"
    ),
    "hungry": (  # once, after its warm-up
        "import os, tempfile, time\nfrom pathlib import Path\ncalls = []\nfed = Path(tempfile.gettempdir(), 'fed')\n"
        "def predict(inputs, model):\n    calls.append(1)\n    if len(calls) == 5 and not fed.exists():\n"
        "        fed.touch()\n        calls.append(os.urandom(1) * (512 << 20))\n        time.sleep(30)\n"
        "    return model.run(inputs)\n"
    ),
}


class Twin(Ground):
    """A twin on one port and folder, however often it is killed and started again."""

    @property
    def carrier(self) -> str:
        """Return what carries requests to functions that are awake."""
        return self.name.removeprefix("twin-")

    @property
    def is_up(self) -> bool:
        """Return whether it runs."""
        return TwinFolder(self.folder / ".poorwill").running() is not None

    @property
    def pid(self) -> int:
        """Return the running twin's process."""
        running = TwinFolder(self.folder / ".poorwill").running()
        assert running is not None
        return running.pid

    def up(self) -> None:
        """Start it in the background."""
        self.poorwill("up", "--detach", "--port", urlsplit(self.gateway).port, "--data-path", self.carrier)

    def kill(self) -> None:
        """Kill the twin and return when it, its functions and Envoy are gone."""
        pids = [self.pid, *self.processes()]
        os.kill(pids[0], signal.SIGKILL)
        await_that(lambda: not any(map(lives, pids)))

    def processes(self) -> dict[int, str]:
        """Return the twin's children: which version service each serves, or what else it runs, by its pid."""
        found, twin = {}, self.pid
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == twin:
                    variables = (folder / "environ").read_bytes().split(b"\0")
                    named = [one[10:] for one in variables if one.startswith(b"K_SERVICE=")]
                    program = (folder / "cmdline").read_bytes().split(b"\0")[0].rpartition(b"/")[2]
                    found[int(folder.name)] = (named or [program])[0].decode()
            except (FileNotFoundError, ProcessLookupError):
                continue
        return found

    def process(self, name: str) -> int:
        """Return the one process of a version service, or Envoy's."""
        (pid,) = [pid for pid, served in self.processes().items() if served.startswith(name)]
        return pid

    def ask(self, host: str, *, timeout_seconds: float = PATIENCE_SECONDS, **more: Any) -> Answer:
        """Send the sample to a host through the gateway; nothing is ever sent again."""
        headers = {"Host": host, "Content-Type": "application/json", **more}
        try:
            reply = self.http.request(
                "POST",
                f"{self.gateway}/v2/models/digits/infer",
                body=SAMPLE,
                headers=headers,
                retries=False,
                timeout=timeout_seconds,
            )
        except urllib3.exceptions.ReadTimeoutError:
            return Answer(HUNG)
        except urllib3.exceptions.HTTPError:
            return Answer(BROKEN)
        if reply.status != 200:
            return Answer(reply.status, body=reply.data)
        said = json.loads(reply.data)
        (label,) = next(output["data"] for output in said["outputs"] if output["name"] == "label")
        return Answer(200, said["model_version"], label, reply.data)

    @contextmanager
    def asking_until_broken(self, host: str, callers: int) -> Iterator[list[Answer]]:
        """Ask without a pause until each caller's connection breaks; the answers are complete after the block."""
        answers: list[Answer] = []
        over = Event()

        def caller() -> None:
            while not over.is_set():
                answers.append(self.ask(host))
                if answers[-1].status in {BROKEN, HUNG}:
                    break

        threads = [Thread(target=caller) for _ in range(callers)]
        for thread in threads:
            thread.start()
        try:
            yield answers
        except BaseException:
            over.set()
            raise
        finally:
            for thread in threads:
                thread.join()

    def serve(self, name: str, *, function: str = "", wait: bool = True, **changes: Any) -> str:
        """Apply a version service of another name, around one of FUNCTIONS, and return its host."""

        def edit(service: dict[str, Any]) -> None:
            service["metadata"] |= {"name": name, "labels": dict([FAULTY.split("=")])}
            template = service["spec"]["template"]
            template["metadata"]["annotations"] |= changes.get("annotations", {})
            template["spec"] |= changes.get("spec", {})
            container = template["spec"]["containers"][0]
            container |= changes.get("container", {})
            container["env"] += [{"name": key, "value": text} for key, text in changes.get("env", {}).items()]
            container["env"] = list({item["name"]: item for item in container["env"]}.values())

        image = self.register(function) if function else self.image
        self.kubectl("apply", "-f", version_service(self.folder / f"{name}.yaml", image, edit=edit))
        if wait:
            self.kubectl("wait", "--for=condition=Ready", "--timeout=60s", f"ksvc/{name}")
        return f"{name}.default.poorwill.localhost"

    def register(self, function: str) -> str:
        """Let an image run one of FUNCTIONS, and return its name."""
        source = self.folder / "functions" / function
        source.mkdir(parents=True, exist_ok=True)
        (source / "main.py").write_text(FUNCTIONS[function])
        images = self.folder / ".poorwill" / "images"
        images.mkdir(parents=True, exist_ok=True)
        Images(images).register(f"dev.local/{function}:1", source)
        return f"dev.local/{function}:1"

    def condition(self, kind: str, name: str, type_: str = "Ready") -> dict[str, str]:
        """Return a condition of an object."""
        conditions = self.show(kind, name).get("status", {}).get("conditions", [])
        return next((item for item in conditions if item["type"] == type_), {"status": "Unknown"})

    def words(self, kind: str, name: str) -> str:
        """Return all that the conditions of an object say."""
        conditions = self.show(kind, name).get("status", {}).get("conditions", [])
        return " ".join(item.get("message", "") for item in conditions)

    def intent(self) -> dict[tuple[str, str], Any]:
        """Return all that was asked for: identity, content and last known split of each object, by kind and name."""
        listed = json.loads(self.kubectl("get", "ksvc,rt,cm,sa", "-o", "json").stdout)["items"]
        return {
            (item["kind"], item["metadata"]["name"]): (
                item["metadata"]["uid"],
                item["metadata"].get("annotations"),
                item.get("spec"),
                item.get("data"),
                item.get("status", {}).get("traffic"),
            )
            for item in listed
        }

    @contextmanager
    def api(self) -> Iterator[Callable[[str, str, Any], int | None]]:
        """Yield what sends a write to the API; it returns its status, None where none came."""
        config = yaml.safe_load(Path(self.environment["KUBECONFIG"]).read_text())
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        authority = b64decode(cluster["certificate-authority-data"]).decode()
        with urllib3.PoolManager(ca_cert_data=authority, timeout=PATIENCE_SECONDS) as http:

            def write(method: str, path: str, body: Any) -> int | None:
                kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
                headers = {"Authorization": f"Bearer {user['token']}", "Content-Type": kind}
                url = f"{cluster['server']}{path}"
                try:
                    return http.request(method, url, body=json.dumps(body), headers=headers, retries=False).status
                except urllib3.exceptions.HTTPError:
                    return None

            yield write


def furnish(twin: Twin) -> None:
    """Deploy two versions of the digit recogniser, half of the traffic to each."""
    for number, model in enumerate(("digits.onnx", "digits_wide.onnx"), 1):
        sample = ["--sample", DIGITS / "sample.json", "--store", "./store"]
        twin.poorwill("push", DIGITS / model, "--name", "digits", *sample)
        twin.deploy(f"digits@{number}")
    twin.poorwill("split", "digits", "v1=50", "v2=50")


def statuses(answers: list[Answer]) -> Counter[int]:
    """Return how often callers got what; every 200 must be the right answer, every refusal a problem that says why."""
    for answer in answers:
        if answer.status == 200:
            assert answer.right, answer
        elif answer.status > 0:
            problem = json.loads(answer.body)
            assert problem["status"] == answer.status, problem
            assert problem["title"], problem
    return Counter(answer.status for answer in answers)


def lives(pid: int) -> bool:
    """Return whether a process runs; one that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def await_that(said: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Return when something is so; fail where it does not come."""
    end = time.monotonic() + seconds
    while not said():
        assert time.monotonic() < end, said
        time.sleep(0.02)  # nothing tells of a process's end, or of an object's, to whoever isn't its parent or a client
