"""`make run`: push the samples, serve the digits, send real ones in three ways, show the answers beside the truth.

On a terminal the server stays up until Ctrl-C. What takes long to import waits until Ctrl-C is looked after.
"""

import contextlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ending import take_any_end_as_ctrl_c

if TYPE_CHECKING:
    import numpy as np
    from rich.console import Console

    from poorwill import Client

HERE = Path(__file__).parent
STORE = Path("store")  # of the folder that this is run in
SAMPLE = HERE / "digits" / "sample.json"
MODELS = {"digits": HERE / "digits" / "digits.onnx", "breast-cancer": HERE / "breast_cancer" / "breast_cancer.onnx"}
USUAL_PORT = 8080
ROWS = 12
SHADES = " ░▒▓█"
DARKEST = 16
INTERRUPTED = 130


class Answer(NamedTuple):
    """What came back for one input, and after how long."""

    label: int
    probability: float
    took_ms: float


def main() -> None:
    """Run all of it."""
    from rich.console import Console
    from served import free_port, push, serve

    console = Console(highlight=False)
    began = time.perf_counter()
    versions = push(MODELS, STORE)
    with serve(f"digits@{versions['digits']}", STORE, free_port(USUAL_PORT)) as url:
        pushed = " and ".join(f"{name}@{number}" for name, number in versions.items())
        console.print(f"\n[bold]Poorwill[/]  {pushed} in {_relative(STORE)}, digits served at {url}\n", soft_wrap=True)
        show(console, url)
        console.print(f"All of this took {time.perf_counter() - began:.1f} s.\n")
        if sys.stdout.isatty():
            stay(console, url)


def show(console: "Console", url: str) -> None:
    """Send held-out digits, each in one of three ways, and print what came back beside the truth."""
    import msgspec
    import numpy as np
    from rich.table import Table

    from poorwill import Client
    from poorwill.serving.ledger import Report

    rows = np.loadtxt(HERE / "digits" / "heldout.csv", delimiter=",", skiprows=1, dtype=np.float32)[:ROWS]
    ways = {"JSON": by_json, "binary tensor": by_binary, "CloudEvent": by_event}
    table, right = Table(box=None, padding=(0, 1)), 0
    for title in ("sent as", "truth", "answer", "probability", "ms", ""):
        table.add_column(title, justify="left" if title == "sent as" else "right")
    with Client(url) as client:
        for number, row in enumerate(rows):
            way = list(ways)[number % len(ways)]
            truth, answer = int(row[0]), ways[way](client, row[None, 1:])
            right += answer.label == truth
            tick = "[green]✓[/]" if answer.label == truth else "[red]✗[/]"
            cells = (str(truth), str(answer.label), f"{answer.probability:.1%}", f"{answer.took_ms:.1f}")
            table.add_row(way, *cells, tick)
        ledger = msgspec.json.decode(client.get("/cold-start"), type=Report)
    layout = Table.grid(padding=(0, 4))
    layout.add_row(drawn(rows[:2, 1:]), table)
    console.print(layout)
    phases = ", ".join(f"{phase.name.replace('_', ' ')} {phase.duration_ms:.1f}" for phase in ledger.phases)
    console.print(f"\n[bold]{right} of {len(rows)} right.[/]")
    console.print(f"Cold start {ledger.ready_ms:.0f} ms: {phases}.", soft_wrap=True)


def by_json(client: "Client", image: "np.ndarray") -> Answer:
    """Ask with numbers as text."""
    return _predicted(client, image, binary=False)


def by_binary(client: "Client", image: "np.ndarray") -> Answer:
    """Ask with the tensor's own bytes."""
    return _predicted(client, image, binary=True)


def by_event(client: "Client", image: "np.ndarray") -> Answer:
    """Ask by an event, which a reply event answers."""
    from cloudevents.http import CloudEvent

    tensor = {"name": "image", "datatype": "FP32", "shape": image.shape, "data": image.ravel().tolist()}
    attributes = {"type": "dev.poorwill.prediction.requested", "source": "/make/run", "subject": "digits"}
    event = CloudEvent(attributes, {"inputs": [tensor]})
    began = time.perf_counter()
    reply = client.send(event)
    took_ms = (time.perf_counter() - began) * 1000
    data = reply.get_data() if reply else None
    if data is None:
        raise SystemExit("run: wanted a reply event with data, found none")
    outputs = {output["name"]: output["data"] for output in data["outputs"]}
    return Answer(outputs["label"][0], max(outputs["probabilities"]), took_ms)


def _predicted(client: "Client", image: "np.ndarray", *, binary: bool) -> Answer:
    began = time.perf_counter()
    outputs = client.predict("digits", {"image": image}, binary=binary).outputs
    took_ms = (time.perf_counter() - began) * 1000
    return Answer(int(outputs["label"][0]), float(outputs["probabilities"].max()), took_ms)


def drawn(images: "np.ndarray") -> str:
    """Return 8x8 digits as text, one under the other, two characters a pixel."""
    levels = (images / DARKEST * (len(SHADES) - 1)).round().astype(int).reshape(-1, 8, 8)
    return "\n\n".join("\n".join("".join(SHADES[level] * 2 for level in line) for line in image) for image in levels)


def stay(console: "Console", url: str) -> None:
    """Say what to try, and wait for Ctrl-C."""
    sample, explain = _relative(SAMPLE), f"{_relative(Path(sys.executable).with_name('poorwill'))} explain cold-start"
    asking = f"curl -s {url}/v2/models/digits/infer -H 'Content-Type: application/json' -d @{sample}"
    console.print("It stays up until Ctrl-C. In another terminal:\n")
    console.print(f"  {asking}\n  {explain} --url {url}\n", soft_wrap=True)  # unbroken, so that it can be copied
    with contextlib.suppress(KeyboardInterrupt):
        signal.pause()


def _relative(path: Path) -> str:
    return os.path.relpath(path)


if __name__ == "__main__":
    take_any_end_as_ctrl_c()
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
