"""`poorwill ci` at work: check, run, deploy at 0 percent, ask; where that fails, or is stopped, take it back."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from poorwill.cli.ci_asking import Asking, GoldenAsked, golden_requests
from poorwill.cli.delivery_options import Asked
from poorwill.cli.pipeline_running import Running, Wanted
from poorwill.delivery.deploy import DeployOptions
from poorwill.delivery.function.bodies import Registered
from poorwill.delivery.function.registered import Ground, deploy_registered
from poorwill.delivery.manifests import service_name
from poorwill.delivery.split import tag_urls
from poorwill.delivery.traffic import joined
from poorwill.errors import Fault, NotFoundError, NotReadyError, PoorwillError, RefusedError
from poorwill.kinds.kind import ROUTE
from poorwill.pipeline.ci_undo import Seen, Undo, forget, look_at, registered_by, take_back, undo_of
from poorwill.pipeline.spec import Deploy, Train
from poorwill.pipeline.spec_file import Pipeline, read_spec
from poorwill.pipeline.step import StepFailedError
from poorwill.pipeline.train import check_function
from poorwill.registry.records import VersionName
from poorwill.registry.registry import Registry
from poorwill.store.opening import open_store

STAGES = ("check", "run", "deploy", "ask")
_USUAL_PERCENT = 10


class Options(NamedTuple):
    """What the command line says."""

    spec: Path
    data: Path
    url: str = ""  # of an ingress; "" asks at the tag's own URL
    token: str = ""
    keep: bool = False
    image: str = ""
    components: tuple[str, ...] = ()


class ContinuousRun:
    """One passage, and the document of how it went, which is true at any moment."""

    def __init__(self, asked: Asked, options: Options) -> None:
        self._asked, self._options = asked, options
        self._before: Seen | None = None
        stages = [{"stage": name, "state": "waiting", "seconds": None, "said": ""} for name in STAGES]
        head = {"pipeline": "", "model": "", "run": "", "version": None, "digest": "", "state": "stopped", "url": ""}
        self.document: dict[str, Any] = {
            **head,
            "traffic": {},
            "stages": stages,
            "golden": [],
            "troubles": [],
            "rollback": {"done": [], "left": []},
            "next": "",
        }

    def go(self) -> None:
        """Go through all stages; raise what went wrong, or that it was stopped, once it is taken back."""
        try:
            pipeline, golden = self._check()
            self._run(pipeline)
            self._deploy(pipeline)
            self._ask(golden)
        except BaseException as error:
            self.document |= {"state": "failed" if isinstance(error, Exception) else "stopped", "next": ""}
            if self._before is not None:
                with _not_terminated():
                    self._take_back(self._before)
            raise
        self.document["state"] = "passed"

    def _check(self) -> tuple[Pipeline, list[GoldenAsked]]:
        """Check all that can be before anything runs, and look how the model is now."""
        with self._stage("check") as stage:
            pipeline = read_spec(self._options.spec)
            spec = pipeline.spec
            self.document |= {"pipeline": spec.pipeline, "model": spec.model}
            if not any(step.step == "register" for step in spec.steps):
                advice = "write it: without a version there is nothing to deploy"
                raise RefusedError(Fault("pipeline, steps", "a step register", "none", advice))
            if not self._options.data.is_file():
                raise NotFoundError(Fault("DATA", "a file with sample data", "none there", "check the path"))
            golden = golden_requests(pipeline.folder)
            for step in spec.steps:
                if isinstance(step, Train):
                    check_function(step, pipeline.folder, self._asked.progress)
            self._cluster = self._asked.cluster()
            self._store = open_store(self._asked.settings.store, create=True)
            self._registry = Registry(self._store)
            self._before = look_at(self._cluster, self._registry, spec.model)
            self.document["traffic"] = self._before.split.by_tag() if self._before.split else {}
            stage["said"] = f"the spec, {_function(pipeline)}, {_counted(golden)}"
        return pipeline, golden

    def _run(self, pipeline: Pipeline) -> None:
        with self._stage("run") as stage:
            running = Running(self._asked, self._options.spec)
            event = running.event(Wanted(self._options.data, "", ""))
            self.document["run"] = running.run_of(event)
            run = running.up_to_deploy(event)
            ended = [step for step in run["steps"] if step["state"] in {"completed", "failed"}]
            for step in ended:
                if step["state"] == "failed":
                    troubles = step["troubles"]
                    raise StepFailedError(*(Fault(*(trouble[part] for part in Fault._fields)) for trouble in troubles))
            facts = next(step["facts"] for step in ended if step["step"] == "register")
            self.document |= {"version": facts["version"], "digest": facts["digest"]}
            reused = sum(step["reused"] for step in ended)
            stage["said"] = f"{pipeline.spec.model}@{facts['version']}: {len(ended)} steps, {reused} of them reused"

    def _deploy(self, pipeline: Pipeline) -> None:
        with self._stage("deploy") as stage:
            model, version = self.document["model"], self.document["version"]
            data = Registered(model=model, version=version, digest=self.document["digest"], percent=0)
            options = DeployOptions(
                image=self._options.image, components=self._options.components, store=self._asked.settings.store
            )
            done = deploy_registered(Ground(self._cluster, self._registry), data, options, self._asked.progress)
            url = tag_urls(self._cluster.get(ROUTE, model) or {}).get(f"v{version}", "")
            if not url:
                advice = "try again; `poorwill status` shows it"
                raise NotReadyError(Fault(f"Route {model}", f"a URL of the tag v{version}", "none yet", advice))
            self.document |= {"url": url, "traffic": done.traffic.by_tag()}
            if not done.traffic.percent(version):
                wanted = joined(done.traffic, version, _percent(pipeline) or _USUAL_PERCENT)
                self.document["next"] = f"poorwill split {model} {wanted}"
            stage["said"] = f"{done.service}, {done.traffic.percent(version)} %, {url}"

    def _ask(self, golden: list[GoldenAsked]) -> None:
        with self._stage("ask") as stage:
            name = VersionName(self.document["model"], self.document["version"], None)
            asking = Asking(self._store, self._registry.resolve(name), self.document["url"])
            faults: list[Fault] = []
            with asking.client(self._options.url, self._options.token) as client:
                for row, found in asking.ask(client, golden):
                    self.document["golden"].append(row)
                    faults += found
            if faults:
                raise StepFailedError(*faults)
            what = _counted(golden) if golden else "the sample request"
            stage["said"] = f"{what} answered as expected"

    def _take_back(self, before: Seen) -> None:
        """Take back what has come since; what can't be is told, with what to do about it."""
        model, run, version = (self.document[name] for name in ("model", "run", "version"))
        done, left = self.document["rollback"]["done"], self.document["rollback"]["left"]
        try:
            cluster = self._asked.cluster()  # another connection: the first one may have been cut off in the middle
            made = registered_by(self._registry, model, run, before)
            for number in sorted({*made, *([version] if version else [])}):
                undo = undo_of(before, look_at(cluster, self._registry, model), number)
                take_back(cluster, model, number, undo, self._asked.progress)
                done += _undone(model, number, undo)
                done.append(self._forgotten(model, number, made))
            now = look_at(cluster, self._registry, model).split
            self.document["traffic"] = now.by_tag() if now else {}
        except PoorwillError as error:
            left += map(str, error.faults)
        except KeyboardInterrupt:
            left.append(
                "it was stopped: `poorwill status` shows what is there; `poorwill delete`, `poorwill rm` end it"
            )
            raise
        for line in done:
            self._asked.progress(f"rolled back: {line}")
        for line in left:
            self._asked.progress(f"NOT rolled back: {line}")

    def _forgotten(self, model: str, number: int, made: list[int]) -> str:
        if number not in made:
            return f"{model}@{number} stays in the registry: an earlier run registered it"
        if self._options.keep:
            return f"{model}@{number} stays in the registry: --keep"
        forget(self._registry, model, number)
        return f"{model}@{number} removed from the registry"

    @contextmanager
    def _stage(self, name: str) -> Iterator[dict[str, Any]]:
        stage: dict[str, Any] = next(stage for stage in self.document["stages"] if stage["stage"] == name)
        stage["state"], began = "running", time.monotonic()
        self._asked.progress(f"ci: {name}")
        try:
            yield stage
            stage["state"] = "passed"
        except PoorwillError as error:
            stage["state"], stage["said"] = "failed", f"{error.faults[0].where}: {error.faults[0].found}"
            self.document["troubles"] = [fault._asdict() for fault in error.faults]
            raise
        except BaseException as error:
            stage["state"] = "failed" if isinstance(error, Exception) else "stopped"
            raise
        finally:
            stage["seconds"] = round(time.monotonic() - began, 3)


@contextmanager
def stopped_by_sigterm() -> Iterator[None]:
    """Take SIGTERM for Ctrl-C while the block lasts: that is how CI systems end a job."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _not_terminated() -> Iterator[None]:
    """Let the block come to its end though SIGTERM comes, as it does some seconds after the first signal."""
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _function(pipeline: Pipeline) -> str:
    return next((step.function for step in pipeline.spec.steps if isinstance(step, Train)), "no train function")


def _percent(pipeline: Pipeline) -> int:
    return next((step.percent for step in pipeline.spec.steps if isinstance(step, Deploy)), 0)


def _counted(golden: list[GoldenAsked]) -> str:
    return f"{len(golden) or 'no'} golden request{'' if len(golden) == 1 else 's'}"


def _undone(model: str, version: int, undo: Undo) -> list[str]:
    lines = [f"Route {model} deleted: there was none before"] if undo.route else []
    lines += [f"Route {model} without v{version}, as it was before"] if undo.tag else []
    return lines + ([f"Service {service_name(model, version)} deleted"] if undo.service else [])
