"""The two sides: how each carries its models, brings a changed one, and takes it back; all else is the same."""

import json
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
import yaml

from loadtests import tail_model
from loadtests.bench.twin.ground import await_, variables_of
from loadtests.comparison.asking import Question
from loadtests.comparison.ground import Place
from loadtests.comparison.image_build import ImageBuild
from loadtests.deployed import SOON, Deployed
from loadtests.twin import HOST_HEADER, ROOT
from loadtests.wire import as_json
from poorwill.kinds.kind import POD, SERVICE, Object
from poorwill.kinds.objects import is_true, labels
from poorwill.local.pods.images import Images

POORWILL, MONOLITH = "Poorwill", "monolith"
OLD, NEW = "old", "new"
CHANGED = 1000
"""Added to a model's number it is that of its changed weights."""
ASKED = np.array([[0.5, -1.25, 2.0, 0.75]], np.float32)
RELEASE, LEAKY = (Path(__file__).with_name(name) for name in ("monolith", "leaky"))
Seconds = dict[str, float]
"""How long each step of a deployment took, by its name."""


class Side(Protocol):
    """One way to carry models."""

    name: str
    place: Place

    def begin(self, count: int) -> None:
        """Bring so many models, as they were yesterday."""

    def bring(self, number: int, file: Path) -> Seconds:
        """Bring a model's changed file to where it is answered from; returns when its commands have."""

    def take_back(self, number: int) -> None:
        """Bring back what was there before."""

    def rest(self, number: int) -> None:
        """Wait until what a deployment has left behind has ended."""

    def damage(self, number: int, file: Path) -> None:
        """Bring a model's changed file after a bit of its weights has flipped where it is kept."""

    def leak(self, number: int, file: Path) -> None:
        """Bring a model's changed file with code around it that leaks."""

    def process_of(self, number: int) -> int:
        """Return the process that answers for a model."""

    def question(self, number: int, truths: Mapping[str, np.ndarray]) -> Question:
        """Return how a model is asked."""


class Functions:
    """A function for each model.

    Args:
        place: the twin.
    """

    name = POORWILL

    def __init__(self, place: Place) -> None:
        self.place = place
        self._store = str(place.ground.store)
        self._images = Images(place.home.path / "images")

    def begin(self, count: int) -> None:
        """Push and deploy them, as `poorwill push` and `poorwill deploy` do."""
        Deployed(self.place.cluster, self._store, self.place.folder).deploy_tail(count)

    def bring(self, number: int, file: Path, *more: str) -> Seconds:
        """Give three commands: push, deploy with what more is said, split."""
        model = tail_model.name(number)
        marks = [time.monotonic()]
        version = self._push(model, file)
        marks.append(time.monotonic())
        self._deploy(f"{model}@{version}", *more)
        marks.append(time.monotonic())
        self.place.command("split", model, f"v{version}=100")
        marks.append(time.monotonic())
        return _steps(("push", "deploy", "split"), marks)

    def take_back(self, number: int) -> None:
        """Give one command."""
        self.place.command("rollback", tail_model.name(number), "--yes")

    def rest(self, number: int) -> None:
        """Wait until the version that has no traffic any more sleeps, so that a way back has to wake it."""
        old = f"{tail_model.name(number)}-v"
        await_(lambda: sum(name.startswith(old) for name in self._awake()) == 1)

    def damage(self, number: int, file: Path) -> None:
        """Push it, flip a bit in the store, deploy it: CommandError where that is refused."""
        version = self._push(tail_model.name(number), file)
        (blob,) = (
            each for each in Path(self._store).rglob("*") if each.is_file() and each.read_bytes() == file.read_bytes()
        )
        blob.chmod(0o600)
        blob.write_bytes(flipped(file.read_bytes(), number))
        self._deploy(f"{tail_model.name(number)}@{version}")

    def leak(self, number: int, file: Path) -> None:
        """Make an image of the code, and deploy with it."""
        digest = self._images.register("localhost/leaky:1", LEAKY)
        self.bring(number, file, "--image", f"localhost/leaky@{digest}")

    def process_of(self, number: int) -> int:
        """Find it by its version."""
        model = f"{tail_model.name(number)}@"
        return next(pid for pid in self.place.functions if variables_of(pid)["POORWILL_MODEL"].startswith(model))

    def question(self, number: int, truths: Mapping[str, np.ndarray]) -> Question:
        """Ask the model by its own host."""
        model = tail_model.name(number)
        body = as_json("input", ASKED).body
        host = HOST_HEADER.format(model=model)
        return Question(model, self.place.running.port, host, f"/v2/models/{model}/infer", body, truths)

    def _push(self, model: str, file: Path) -> str:
        said = self.place.command("push", str(file), "--name", model, "--store", self._store, "--output", "json")
        return str(json.loads(said)["name"].partition("@")[2])

    def _deploy(self, version: str, *more: str) -> None:
        start = str(self.place.folder / "version-service.yaml")
        self.place.command("deploy", version, "--store", self._store, "--from", start, *more)

    def _awake(self) -> list[str]:
        return [labels(pod).get("serving.knative.dev/service", "") for pod in self.place.cluster.list(POD)]


class Monolith:
    """All models in one server, which Knative replaces as it replaces everything: the new one is ready first.

    Args:
        place: the twin.
        build: how its image is built; None where nothing here can, and that time is left out.
    """

    name = MONOLITH

    def __init__(self, place: Place, build: ImageBuild | None) -> None:
        self.place = place
        self._build = build
        self._images = Images(place.home.path / "images")
        self._folder = place.ground.folder / "release" / "monolith"
        self._first = ""

    def begin(self, count: int) -> None:
        """Make, build and apply the first release."""
        models = self._folder / "models"
        models.mkdir(parents=True)
        shutil.copy(RELEASE / "main.py", self._folder)
        for number in range(1, count + 1):
            tail_model.write(models, number)
        (self._folder / "sample.json").write_bytes(_body(tail_model.name(1)))
        self.place.furnish()
        self._release()
        await_(self._is_ready)

    def bring(self, number: int, file: Path) -> Seconds:
        """Build the image with the changed file in it, and apply the release."""
        shutil.copy(file, self._folder / "models" / f"{tail_model.name(number)}.onnx")
        return self._release()

    def take_back(self, number: int) -> None:
        """Apply the release before, as `kubectl rollout undo` would; the next one is made of what was before, too."""
        self._apply(self._first)
        tail_model.write(self._folder / "models", number)
        shutil.rmtree(self._folder / "code", ignore_errors=True)

    def rest(self, number: int) -> None:  # noqa: ARG002 - there is one process
        """Wait until the old process has ended."""
        await_(lambda: self._is_ready() and len(self.place.functions) == 1)

    def damage(self, number: int, file: Path) -> None:
        """Release it with a bit flipped: nothing here holds it against a digest."""
        file.write_bytes(flipped(file.read_bytes(), number))
        self.bring(number, file)

    def leak(self, number: int, file: Path) -> None:
        """Release it with the code."""
        code = self._folder / "code" / f"{tail_model.name(number)}.py"
        code.parent.mkdir()
        shutil.copy(LEAKY / "main.py", code)
        self.bring(number, file)

    def process_of(self, number: int) -> int:  # noqa: ARG002 - there is one
        """Return the only one."""
        return self.place.functions[0]

    def question(self, number: int, truths: Mapping[str, np.ndarray]) -> Question:
        """Ask the one server, by the model's name."""
        model = tail_model.name(number)
        host = HOST_HEADER.format(model=MONOLITH)
        return Question(model, self.place.running.port, host, f"/v2/models/{MONOLITH}/infer", _body(model), truths)

    def _release(self) -> Seconds:
        marks = [time.monotonic()]
        if self._build:
            self._build.build(self._folder)
        marks.append(time.monotonic())
        digest = self._images.register("localhost/monolith:1", self._folder)
        self._first = self._first or digest
        self._apply(digest)
        marks.append(time.monotonic())
        return _steps(("build", "apply"), marks)

    def _apply(self, digest: str) -> None:
        file = self._folder.parent / "service.yaml"
        file.write_text(yaml.safe_dump(service(f"localhost/monolith@{digest}")))
        self.place.kubectl("apply", "--server-side", "-f", str(file))

    def _is_ready(self) -> bool:
        return is_true(self.place.cluster.get(SERVICE, MONOLITH) or {}, "Ready")


def service(image: str) -> Object:
    """Return the monolith's Service: the version service of knative/base, which is always awake and of all models."""
    found: Object = yaml.safe_load((ROOT / "knative" / "base" / "version-service.yaml").read_text())
    template = found["spec"]["template"]
    named = {"app.kubernetes.io/name": MONOLITH}
    found["metadata"] = {"name": MONOLITH, "labels": named}
    template["metadata"]["labels"] = named
    template["metadata"]["annotations"] |= SOON | {"autoscaling.knative.dev/min-scale": "1"}
    container = template["spec"]["containers"][0]
    container["image"] = image
    container["env"] = [each for each in container["env"] if each["name"] not in {"POORWILL_MODEL", "POORWILL_DIGEST"}]
    return found


def flipped(model: bytes, number: int) -> bytes:
    """Return a changed model's file after a bit of its weights has flipped: it loads, and answers something else."""
    weights = tail_model.weights(number + CHANGED).tobytes()
    place = model.index(weights) + 3  # sign and exponent of the first one
    return model[:place] + bytes([model[place] ^ 0x80]) + model[place + 1 :]


def _body(model: str) -> bytes:
    request = json.loads(as_json("input", ASKED).body)
    request["inputs"].append({"name": "model", "datatype": "BYTES", "shape": [1], "data": [model]})
    return json.dumps(request, separators=(",", ":")).encode()


def _steps(names: tuple[str, ...], marks: list[float]) -> Seconds:
    return {name: after - before for name, before, after in zip(names, marks, marks[1:], strict=False)}
