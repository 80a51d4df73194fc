"""`make run`: the twin comes up; two versions of the digit recogniser share the traffic, fall asleep, and are woken.

Then data arrives, and a pipeline makes a third version of it.

On a terminal the twin stays up until Ctrl-C. What takes long to import waits until Ctrl-C is looked after.
"""

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ending import run_to_an_end

if TYPE_CHECKING:
    import numpy as np
    from rich.console import Console

    from poorwill import Client

HERE = Path(__file__).parent
STORE, TWIN = Path("store"), Path(".poorwill")  # of the folder that this is run in
POORWILL = Path(sys.executable).with_name("poorwill")
SAMPLE = HERE / "digits" / "sample.json"
MODELS = {"digits": HERE / "digits" / "digits.onnx", "breast-cancer": HERE / "breast_cancer" / "breast_cancer.onnx"}
SUCCESSOR = {"digits": HERE / "digits" / "digits_wide.onnx"}
USUAL_PORT = 8090
PERCENTS = (70, 30)
HOST = "digits.default.poorwill.localhost"
ROWS, REQUESTS = 12, 400
SLEEP_SECONDS, POLL_SECONDS = 120, 0.1
SHADES = " ░▒▓█"
DARKEST = 16


def main() -> None:
    """Run all of it."""
    from rich.console import Console
    from served import push

    console = Console(highlight=False)
    began = time.perf_counter()
    with twin() as port:
        versions = [pushed["digits"] for pushed in (push(MODELS, STORE), push(SUCCESSOR, STORE))]
        split = dict(zip(map(str, versions), PERCENTS, strict=True))
        console.print(f"\n[bold]Poorwill[/]  the twin is up at http://127.0.0.1:{port}, the samples are in {STORE}\n")
        for version in versions:
            say(console, "deploy", f"digits@{version}", "--with", "sleeps-soon")
        say(console, "split", "digits", *(f"v{version}={percent}" for version, percent in split.items()))
        from poorwill import Client

        with Client(f"http://127.0.0.1:{port}", host=HOST) as client:
            show(console, client)
            share(console, client, split)
            fall_asleep(console)
            wake(console, client, port)
        from run_pipeline import learn

        learn(console, say, clean_environment())
        console.print(f"\nAll of this took {time.perf_counter() - began:.1f} s.\n")
        if sys.stdout.isatty():
            stay(console, port, versions[-1])


@contextmanager
def twin() -> Iterator[int]:
    """Yield the gateway's port of a twin that is up; one that was up before stays so afterwards."""
    from served import free_port

    from poorwill.local.folder import TwinFolder

    folder = TwinFolder(TWIN)
    if running := folder.running():
        yield running.port
        return
    run("up", "--detach", "--port", str(free_port(USUAL_PORT)))
    try:
        running = folder.running()
        if running is None:
            raise SystemExit("run: wanted the twin that was just started, found none; .poorwill/twin.log says why")
        yield running.port
    finally:
        run("down")


def clean_environment() -> dict[str, str]:
    """Return the variables without those that would mean another cluster or store."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("KUBECONFIG", "POORWILL_"))}


def run(*words: str) -> str:
    """Run a command of Poorwill on the twin here, and return what it printed; its own words say what goes wrong."""
    # in a session of its own, so that Ctrl-C does not cut it short
    done = subprocess.run(
        [POORWILL, *words], env=clean_environment(), capture_output=True, text=True, check=False, start_new_session=True
    )
    if done.returncode:
        sys.stderr.write(f"\n{done.stderr}")  # a line may have been begun
        raise SystemExit(done.returncode)
    return done.stdout


def say(console: "Console", *words: str) -> None:
    """Run a command and show it with the time that it took."""
    shown = f"  $ poorwill {shlex.join(words)}"
    console.print(shown, end="", soft_wrap=True)
    began = time.perf_counter()
    run(*words)
    console.print(f"   [green]✓[/] {time.perf_counter() - began:.1f} s")


def show(console: "Console", client: "Client") -> None:
    """Send held-out digits, each in one of three ways, and print what came back beside the truth."""
    import numpy as np
    from asking import WAYS
    from rich.table import Table

    rows = np.loadtxt(HERE / "digits" / "heldout.csv", delimiter=",", skiprows=1, dtype=np.float32)[:ROWS]
    table, right = Table(box=None, padding=(0, 1)), 0
    for title in ("sent as", "truth", "answer", "probability", "version", "ms", ""):
        table.add_column(title, justify="left" if title == "sent as" else "right", no_wrap=True)
    for number, row in enumerate(rows):
        way = list(WAYS)[number % len(WAYS)]
        truth, answer = int(row[0]), WAYS[way](client, row[None, 1:])
        right += answer.label == truth
        tick = "[green]✓[/]" if answer.label == truth else "[red]✗[/]"
        cells = (str(truth), str(answer.label), f"{answer.probability:.1%}", answer.version, f"{answer.took_ms:.1f}")
        table.add_row(way, *cells, tick)
    layout = Table.grid(padding=(0, 4))
    layout.add_row(drawn(rows[:2, 1:]), table)
    console.print()
    console.print(layout)
    console.print(f"\n[bold]{right} of {len(rows)} right.[/]")


def share(console: "Console", client: "Client", split: dict[str, int]) -> None:
    """Ask often, and draw which version answered how many."""
    from asking import by_binary

    image = sample()
    found = Counter(by_binary(client, image).version for _ in range(REQUESTS))
    console.print(f"\n{REQUESTS} requests to {HOST}, split {' / '.join(map(str, split.values()))}:")
    for version, percent in split.items():
        observed = 100 * found[version] / REQUESTS
        console.print(f"  v{version}  {'█' * round(observed / 2):<42} {observed:.0f} % of wanted {percent} %")


def fall_asleep(console: "Console") -> None:
    """Wait until no process is left."""
    began = time.perf_counter()
    with console.status("Nobody asks; waiting until both versions sleep ..."):
        while "awake" in states():
            if time.perf_counter() - began > SLEEP_SECONDS:
                raise SystemExit("run: wanted versions that sleep, found processes; see poorwill status")
            time.sleep(POLL_SECONDS)
    console.print(
        f"\nNobody asks, and after {time.perf_counter() - began:.0f} s both versions sleep: no process is left."
    )


def states() -> set[str]:
    """Return what the versions of the digit recogniser do: awake, asleep ..."""
    (model,) = json.loads(run("status", "digits", "--output", "json"))["models"]
    return {version["state"] for version in model["versions"]}


def wake(console: "Console", client: "Client", port: int) -> None:
    """Ask once, and show where the time until the answer went."""
    import msgspec
    from asking import by_binary

    from poorwill import Client
    from poorwill.serving.ledger import Report

    answer = by_binary(client, sample())
    with Client(f"http://127.0.0.1:{port}", host=f"v{answer.version}-{HOST}") as own:
        ledger = msgspec.json.decode(own.get("/cold-start"), type=Report)
    phases = ", ".join(f"{phase.name.replace('_', ' ')} {phase.duration_ms:.0f}" for phase in ledger.phases)
    console.print(
        f"One request wakes version {answer.version}, and is answered after [bold]{answer.took_ms:.0f} ms[/]:"
    )
    console.print(f"  {phases}.\n", soft_wrap=True)


def sample() -> "np.ndarray":
    """Return the image of the sample request."""
    import numpy as np

    return np.array([json.loads(SAMPLE.read_text())["inputs"][0]["data"]], np.float32)


def drawn(images: "np.ndarray") -> str:
    """Return 8x8 digits as text, one under the other, two characters a pixel."""
    levels = (images / DARKEST * (len(SHADES) - 1)).round().astype(int).reshape(-1, 8, 8)
    return "\n\n".join("\n".join("".join(SHADES[level] * 2 for level in line) for line in image) for image in levels)


def stay(console: "Console", port: int, newest: int) -> None:
    """Say what to try, and wait for Ctrl-C."""
    poorwill = os.path.relpath(POORWILL)
    url = f"http://{HOST}:{port}/v2/models/digits/infer"
    asking = f"curl -s {url} -H 'Content-Type: application/json' -d @{os.path.relpath(SAMPLE)}"
    console.print("The twin stays up until Ctrl-C. In another terminal:\n")
    lines = (asking, f"{poorwill} status", f"{poorwill} split digits v{newest}=100", f"{poorwill} rollback digits")
    # unbroken, so that they can be copied
    console.print("\n".join(f"  {line}" for line in lines), soft_wrap=True)
    console.print("  KUBECONFIG=.poorwill/kubeconfig kubectl get ksvc,routes,pods\n", soft_wrap=True)
    with contextlib.suppress(KeyboardInterrupt):
        signal.pause()


if __name__ == "__main__":
    run_to_an_end(main)
