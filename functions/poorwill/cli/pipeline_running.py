"""A run that is followed live: in this process, or by the events of a cluster."""

import hashlib
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import msgspec

from poorwill.cli.delivery_options import Asked
from poorwill.cli.event_commands import SOURCE
from poorwill.errors import Fault, NotFoundError, PoorwillError, UsageError
from poorwill.events.event import Event, EventType
from poorwill.events.payload import JSON
from poorwill.pipeline import run_store
from poorwill.pipeline.chain import first_event
from poorwill.pipeline.keys import run_name
from poorwill.pipeline.perform import Shop
from poorwill.pipeline.run_document import document_of, run_document, state_of
from poorwill.pipeline.runner import Seen, run_through
from poorwill.pipeline.spec_file import read_spec
from poorwill.pipeline.step import Step
from poorwill.pipeline.steps import open_step
from poorwill.store.opening import open_store
from poorwill.telemetry import now

_INCOMING = "incoming"
_POLL_SECONDS, _WAIT_SECONDS, _FOLLOW_SECONDS = 0.3, 600.0, 3600.0
_DIGITS = 12


class Wanted(NamedTuple):
    """What to run: exactly one of these."""

    file: Path | None
    key: str
    resume: str


class Running:
    """Runs of one pipeline, and the view of them."""

    def __init__(self, asked: Asked, spec: Path) -> None:
        self._asked = asked
        self._pipeline = read_spec(spec)
        self._spec = msgspec.json.decode(self._pipeline.document)
        self._store = asked.store(create=True)
        self._document: dict[str, Any] = {}
        self.shown = False  # whether the page is on the terminal already

    def here(self, wanted: Wanted) -> dict[str, Any]:
        """Run all steps in this process; deploy too, where a cluster is there."""
        event = self.event(wanted)
        name = self.run_of(event)
        steps = self._steps() | self._deploy()
        with self._resumable(name):
            document = self._through(event, steps)
        if document["state"] == "waiting" and "deploy" not in steps:
            advice = f"with one at hand: poorwill pipeline run {self._folder} --resume {name}"
            self._asked.progress(f"deploy waits: there is no cluster; {advice}")
        return document

    def up_to_deploy(self, event: Event) -> dict[str, Any]:
        """Run all steps but deploy in this process."""
        return self._through(event, self._steps())

    def by_events(self, wanted: Wanted, broker: str) -> dict[str, Any]:
        """Send the event that begins the run to a Broker, and follow the run in the store until it has ended."""
        from poorwill.delivery.sending import send_event

        event = self.event(wanted)
        name = self.run_of(event)
        send_event(self._asked.cluster(), broker, event)
        self._asked.progress(f"{event.type} sent to the Broker {broker}, the run is {name}")
        end, told = time.monotonic() + _FOLLOW_SECONDS, 0
        with self._resumable(name), self._view(name):
            while time.monotonic() < end:
                if run_store.find_run(self._store, name):
                    self._document |= run_document(self._store, name)
                    told = self._tell_ended(told)
                    if self._document["state"] in {"completed", "failed"}:
                        break
                time.sleep(_POLL_SECONDS)
        return self._document

    def run_of(self, event: Event) -> str:
        """Return the name of the run that an event begins."""
        return run_name(self._spec["pipeline"], event.source, event.id)

    def event(self, wanted: Wanted) -> Event:
        """Return the event that begins the run; for a run that began, the same one again."""
        if wanted.resume:
            return first_event(run_store.get_run(self._store, wanted.resume))
        key = wanted.key or self._brought(wanted.file or Path())
        data = msgspec.json.encode({"pipeline": self._spec["pipeline"], "object": key})
        return Event(
            id=str(uuid4()),
            source=SOURCE,
            type=EventType.DATA_ARRIVED,
            subject=key,
            time=now(),
            datacontenttype=JSON,
            extensions={"pipeline": self._spec["pipeline"]},  # what Triggers go by
            data=data,
        )

    @property
    def _folder(self) -> Path:
        return self._pipeline.folder

    def _through(self, event: Event, steps: dict[str, Step]) -> dict[str, Any]:
        name = self.run_of(event)
        with self._view(name):
            run_through(Shop(self._store, self._pipeline), steps, event, watch=self._watch, wait_seconds=_WAIT_SECONDS)
        return run_document(self._store, name)

    def _brought(self, file: Path) -> str:
        """Copy a file to the data location and return its key there: its digest is part of it, so none is lost."""
        hashing = hashlib.sha256()
        try:
            with file.open("rb") as content:
                while chunk := content.read(1 << 20):
                    hashing.update(chunk)
        except OSError:
            raise NotFoundError(Fault("FILE", "a file to read", "none there", "check the path")) from None
        key = f"{_INCOMING}/{hashing.hexdigest()[:_DIGITS]}-{file.name}"
        place = self._asked.settings.data
        (open_store(place, create=True) if place else self._store).put(key, file)
        return key

    def _steps(self) -> dict[str, Step]:
        return {name: open_step(name, self._asked.settings) for name in self._names() if name != "deploy"}

    def _names(self) -> list[str]:
        return [step["step"] for step in self._spec["steps"]]

    def _deploy(self) -> dict[str, Step]:
        """Return the step that deploys by its name; none where no cluster is at hand, or the spec has no such step."""
        from poorwill.delivery.deploy import DeployOptions
        from poorwill.delivery.function.registered import Ground
        from poorwill.pipeline.deploy import DeployStep
        from poorwill.registry.registry import Registry

        if "deploy" not in self._names():
            return {}
        try:
            cluster = self._asked.cluster()
        except UsageError:
            return {}
        return {
            "deploy": DeployStep(
                Ground(cluster, Registry(self._store)), DeployOptions(store=self._asked.settings.store)
            )
        }

    @contextmanager
    def _view(self, name: str) -> Iterator[None]:
        """Show the run while the block lasts: live at a terminal, else a line when a step ends."""
        run = {"run": name, "created": now(), "state": "waiting", "model": self._spec["model"], "steps": []}
        self._document = run | {"pipeline": self._spec["pipeline"]}
        if found := run_store.find_run(self._store, name):
            self._document |= document_of(found, self._spec, run_store.find_steps(self._store, name), {})
        else:
            self._document["steps"] = [_waiting(part) for part in self._spec["steps"]]
        if self._asked.output == "text" and sys.stdout.isatty():
            from rich.live import Live

            from poorwill.cli.page import new_console
            from poorwill.cli.pipeline_pages import run_lines

            self.shown = True
            with Live(get_renderable=lambda: run_lines(self._document), console=new_console()):
                yield
        else:
            yield

    @contextmanager
    def _resumable(self, name: str) -> Iterator[None]:
        try:
            yield
        except (KeyboardInterrupt, PoorwillError):
            self._asked.progress(f"go on with: poorwill pipeline run {self._folder} --resume {name}")
            raise

    def _watch(self, seen: Seen) -> None:
        step = next(step for step in self._document["steps"] if step["step"] == seen.step)
        step["state"] = "completed" if seen.state == "skipped" else seen.state
        step["line"] = seen.line
        step.setdefault("since", time.monotonic())
        if seen.record:
            ended = {seen.step: seen.record}
            run = run_store.find_run(self._store, self._document["run"])
            if run:
                whole = document_of(run, self._spec, ended, {})
                step |= next(part for part in whole["steps"] if part["step"] == seen.step)
            self._tell(step)
        self._document["state"] = state_of(self._document["steps"])

    def _tell_ended(self, told: int) -> int:
        ended = [step for step in self._document["steps"] if step["state"] in {"completed", "failed"}]
        for step in ended[told:]:
            self._tell(step)
        return len(ended)

    def _tell(self, step: dict[str, Any]) -> None:
        if not self.shown:
            from poorwill.cli.pipeline_pages import plain_step

            self._asked.progress(plain_step(step))


def _waiting(part: dict[str, Any]) -> dict[str, Any]:
    nothing: dict[str, Any] = {"reused": False, "seconds": None, "gives": [], "facts": {}, "troubles": []}
    return {"step": part["step"], "state": "waiting", "takes": part.get("takes", []), **nothing}
