"""The ground that the behaviour suite runs on: a twin of its own, or the cluster that the environment names.

For a cluster (`make e2e` hands these over):
    POORWILL_E2E_KUBECONFIG   which cluster
    POORWILL_E2E_GATEWAY      host:port of its ingress
    POORWILL_E2E_STORE        s3://bucket/prefix that this machine and the pods reach, by the AWS_* of the environment
    POORWILL_E2E_IMAGE        Poorwill's image as the nodes pull it
    POORWILL_E2E_HERE         the address by which pods reach this machine; without it some tests of events are skipped
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Event
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

import urllib3
import yaml

ROOT = Path(__file__).parents[3]
DIGITS = ROOT / "functions" / "examples" / "digits"
SAMPLE = (DIGITS / "sample.json").read_bytes()
TRUTH = 7  # what the sample shows
QUICK = {  # annotations of a version service that sleeps after seconds, not after a minute
    "autoscaling.knative.dev/window": "6s",
    "autoscaling.knative.dev/scale-to-zero-pod-retention-period": "0s",
}
COMMAND_SECONDS, ANSWER_SECONDS, SLEEP_SECONDS = 240, 120, 150
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL")


class Answer(NamedTuple):
    """What a caller got; status 0 is a connection that broke."""

    status: int
    version: str = ""  # that answered, as it says itself
    label: int | None = None
    body: bytes = b""

    @property
    def right(self) -> bool:
        """Return whether this is the right answer to the sample."""
        return self.status == 200 and self.label == TRUTH


class Ground(NamedTuple):
    """Where versions are deployed, and how to reach them; each test module has a namespace of its own."""

    name: str
    folder: Path  # commands run here
    environment: dict[str, str]
    gateway: str  # http://host:port
    store: str
    image: str  # "" is the usual one
    namespace: str
    http: urllib3.PoolManager

    @property
    def is_twin(self) -> bool:
        """Return whether this is a twin."""
        return self.name != "cluster"

    def poorwill(self, *arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command as a user would; it must end with the code."""
        return self._run([sys.executable, "-m", "poorwill", *arguments], code)

    def kubectl(self, *arguments: object, code: int = 0, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run kubectl, unmodified, in the namespace."""
        return self._run([Path(sys.executable).with_name("kubectl"), *arguments], code, stdin)

    def _run(self, command: list[object], code: int, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            list(map(str, command)),
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        words = f"{' '.join(map(str, command[1:]))}\nended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert done.returncode == code, words
        return done

    def show(self, kind: str, name: str) -> dict[str, Any]:
        """Return an object as the API has it."""
        return json.loads(self.kubectl("get", kind, name, "-o", "json").stdout)

    def host(self, kind: str, name: str, tag: str = "") -> str:
        """Return the host that an object's status gives, or that of one of its tags."""
        status = self.show(kind, name)["status"]
        url = next(entry["url"] for entry in status["traffic"] if entry.get("tag") == tag) if tag else status["url"]
        return urlsplit(url).netloc

    def ask(self, host: str, **more: Any) -> Answer:
        """Send the sample to a host through the gateway; nothing is ever sent again."""
        headers = {"Host": host, "Content-Type": "application/json", **more.pop("headers", {})}
        url = f"{self.gateway}/v2/models/digits/infer"
        try:
            reply = self.http.request(
                "POST", url, body=more.pop("body", SAMPLE), headers=headers, retries=False, timeout=ANSWER_SECONDS
            )
        except urllib3.exceptions.HTTPError:
            return Answer(0)
        if reply.status != 200:
            return Answer(reply.status, body=reply.data)
        answer = json.loads(reply.data)
        (label,) = next(output["data"] for output in answer["outputs"] if output["name"] == "label")
        return Answer(200, answer["model_version"], label, reply.data)

    def ask_often(self, host: str, count: int, *, callers: int = 8) -> list[Answer]:
        """Send the sample so many times, by several callers at once."""
        with ThreadPoolExecutor(callers) as pool:
            return list(pool.map(lambda _: self.ask(host), range(count)))

    def ask_at_once(self, host: str, callers: int) -> list[Answer]:
        """Send the sample by so many callers at the same moment."""
        line = Barrier(callers)

        def one(_: int) -> Answer:
            line.wait()
            return self.ask(host)

        with ThreadPoolExecutor(callers) as pool:
            return list(pool.map(one, range(callers)))

    @contextmanager
    def asking(self, host: str, *, callers: int = 4) -> Iterator[list[Answer]]:
        """Ask without a pause while the block runs; the answers are complete after it."""
        answers: list[Answer] = []
        done = Event()

        def caller() -> None:
            while not done.is_set():
                answers.append(self.ask(host))

        with ThreadPoolExecutor(callers) as pool:
            futures = [pool.submit(caller) for _ in range(callers)]
            try:
                yield answers
            finally:
                done.set()
            for future in futures:
                future.result()

    def deploy(
        self, version: str, *arguments: object, code: int = 0, **changes: Any
    ) -> subprocess.CompletedProcess[str]:
        """Deploy a version that sleeps soon."""
        service = version_service(self.folder / f"from-{uuid4().hex}.yaml", self.image, **changes)
        return self.poorwill("deploy", version, "--from", service, "--store", self.store, *arguments, code=code)

    def await_sleep(self, service: str) -> None:
        """Wait until a version service has no pod any more."""
        pods = self.pods(service)
        if pods:
            self.kubectl("wait", "--for=delete", f"--timeout={SLEEP_SECONDS}s", *(f"pod/{pod}" for pod in pods))

    def pods(self, service: str) -> list[str]:
        """Return the names of a version service's pods."""
        found = self.kubectl("get", "pods", "-l", f"serving.knative.dev/service={service}", "-o", "json").stdout
        return [pod["metadata"]["name"] for pod in json.loads(found)["items"]]


def version_service(
    path: Path, image: str, *, edit: Callable[[dict[str, Any]], None] = lambda _: None, **annotations: str
) -> Path:
    """Write knative/base's version service, made to sleep soon, to a file."""
    service = yaml.safe_load((ROOT / "knative" / "base" / "version-service.yaml").read_text())
    template = service["spec"]["template"]
    template["metadata"]["annotations"] |= QUICK | annotations
    if image:
        template["spec"]["containers"][0]["image"] = image
    edit(service)
    path.write_text(yaml.safe_dump(service))
    return path


def counted(answers: list[Answer]) -> Counter[str]:
    """Return how often each version answered; every answer must be a right one."""
    assert all(answer.right for answer in answers), Counter(answer.status for answer in answers)
    return Counter(answer.version for answer in answers)


def within_binomial_bounds(found: int, count: int, percent: int) -> bool:
    """Return whether a share that is drawn by chance may well be so: within 4.5 standard deviations, 1 of 150,000."""
    share = percent / 100
    return abs(found - count * share) <= 4.5 * (count * share * (1 - share)) ** 0.5


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment with other variables, and without what would choose a cluster for it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("POORWILL_", "KUBECONFIG"))}
    return kept | more
