"""The two sides: how each carries its models, brings a changed one, and takes it back; all else is the same."""

import hashlib
import json
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
import yaml

from loadtests import tail_model
from loadtests.bench.twin.ground import await_
from loadtests.comparison.asking import Question
from loadtests.comparison.ground import Place, Seconds, host_of, serving
from loadtests.deployed import SOON, Deployed
from loadtests.twin import ROOT
from loadtests.wire import as_json
from poorwill.kinds.kind import ROUTE, SERVICE, Object
from poorwill.kinds.objects import is_true
from poorwill.store.opening import open_store

POORWILL, MONOLITH = "Poorwill", "monolith"
OLD, NEW = "old", "new"
CHANGED = 1000
"""Added to a model's number it is that of its changed weights."""
ASKED = np.array([[0.5, -1.25, 2.0, 0.75]], np.float32)
RELEASE, LEAKY = (Path(__file__).with_name(name) for name in ("monolith", "leaky"))
REST_SECONDS = 300.0  # what drains on a busy cluster takes its time


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

    def kill(self, number: int) -> None:
        """End the process that answers for a model, without a word to it."""

    def question(self, number: int, truths: Mapping[str, np.ndarray]) -> Question:
        """Return how a model is asked."""


class Functions:
    """A function for each model.

    Args:
        place: where they stand.
    """

    name = POORWILL

    def __init__(self, place: Place) -> None:
        self.place = place

    def begin(self, count: int) -> None:
        """Push and deploy them, as `poorwill push` and `poorwill deploy` do."""
        place = self.place
        place.furnish()
        Deployed(place.cluster, place.store, place.folder, place.image).deploy_tail(count)

    def bring(self, number: int, file: Path, *more: str) -> Seconds:
        """Give the one command that pushes, deploys with what more is said, and moves all traffic."""
        marks = [time.monotonic()]
        self._deploy(str(file), "--name", tail_model.name(number), "--percent", "100", *more)
        marks.append(time.monotonic())
        return _steps(("deploy",), marks)

    def take_back(self, number: int) -> None:
        """Give one command."""
        self.place.command("rollback", tail_model.name(number), "--yes")

    def rest(self, number: int) -> None:
        """Wait until the version that has no traffic any more sleeps, so that a way back has to wake it."""
        await_(lambda: len(serving(self.place, _revisions(number))) == 1, REST_SECONDS)

    def damage(self, number: int, file: Path) -> None:
        """Push it, flip a bit in the store, deploy it: CommandError where that is refused."""
        version = self._push(tail_model.name(number), file)
        store, model = open_store(self.place.store), file.read_bytes()
        (blob,) = (entry.key for entry in store.list("") if entry.key.endswith(hashlib.sha256(model).hexdigest()))
        store.put(blob, flipped(model, number))
        self._deploy(f"{tail_model.name(number)}@{version}")

    def leak(self, number: int, file: Path) -> None:
        """Make an image of the code, and deploy with it."""
        self.bring(number, file, "--image", self.place.make_image(LEAKY).reference)

    def kill(self, number: int) -> None:
        """Kill that of the only version that is awake."""
        self.place.kill(_revisions(number))

    def question(self, number: int, truths: Mapping[str, np.ndarray]) -> Question:
        """Ask the model by its own host."""
        model = tail_model.name(number)
        body = as_json("input", ASKED).body
        host = host_of(self.place, ROUTE, model)
        return Question(model, self.place.gateway, host, f"/v2/models/{model}/infer", body, truths)

    def _push(self, model: str, file: Path) -> str:
        said = self.place.command("push", str(file), "--name", model, "--store", self.place.store, "--output", "json")
        return str(json.loads(said)["name"].partition("@")[2])

    def _deploy(self, what: str, *more: str) -> None:
        start = str(self.place.folder / "version-service.yaml")
        self.place.command("deploy", what, "--store", self.place.store, "--from", start, *more)


class Monolith:
    """All models in one server, which Knative replaces as it replaces everything: the new one is ready first.

    Args:
        place: where it stands.
    """

    name = MONOLITH

    def __init__(self, place: Place) -> None:
        self.place = place
        self._folder = place.folder / "release" / "monolith"
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
        await_(self._is_ready, REST_SECONDS)

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
        await_(lambda: self._is_ready() and len(serving(self.place, MONOLITH)) == 1, REST_SECONDS)

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

    def kill(self, number: int) -> None:  # noqa: ARG002 - there is one process
        """Kill the only one."""
        self.place.kill(MONOLITH)

    def question(self, number: int, truths: Mapping[str, np.ndarray]) -> Question:
        """Ask the one server, by the model's name."""
        model = tail_model.name(number)
        host = host_of(self.place, SERVICE, MONOLITH)
        return Question(model, self.place.gateway, host, f"/v2/models/{MONOLITH}/infer", _body(model), truths)

    def _release(self) -> Seconds:
        began = time.monotonic()
        made = self.place.make_image(self._folder)
        self._first = self._first or made.reference
        self._apply(made.reference)
        return made.steps | {"apply": time.monotonic() - began - sum(made.steps.values())}

    def _apply(self, image: str) -> None:
        file = self._folder.parent / "service.yaml"
        file.write_text(yaml.safe_dump(service(image)))
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


def _revisions(number: int) -> str:
    """Return how the revisions of a model's versions are named at the beginning."""
    return f"{tail_model.name(number)}-v"


def _body(model: str) -> bytes:
    request = json.loads(as_json("input", ASKED).body)
    request["inputs"].append({"name": "model", "datatype": "BYTES", "shape": [1], "data": [model]})
    return json.dumps(request, separators=(",", ":")).encode()


def _steps(names: tuple[str, ...], marks: list[float]) -> Seconds:
    return {name: after - before for name, before, after in zip(names, marks, marks[1:], strict=False)}
