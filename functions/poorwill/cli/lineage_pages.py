"""A version's lineage as people read it; takes the document that `--output json` prints."""

from collections.abc import Iterator
from typing import Any

from rich.text import Text
from rich.tree import Tree

from poorwill.cli.page import new_console
from poorwill.cli.pipeline_pages import told
from poorwill.cli.run_drawing import seconds

_DIGEST = 19  # characters: sha256: and twelve of them


def show_lineage(found: dict[str, Any]) -> None:
    """Print from where a version came, the newest on top."""
    root = Tree(Text.assemble((found["version"], "bold green"), f"  {found['digest']}"), guide_style="dim")
    for line in _served(found["serving"]):
        root.add(line)
    root.add(Text(found["signature"], "dim"))
    run = found["run"]
    if run is None:
        root.add("pushed by hand: no pipeline has registered it" if found["statement"] is None else "its run is gone")
    else:
        branch = root.add(Text.assemble("run ", (run["run"], "bold"), f" of the pipeline {run['pipeline']}"))
        for step in reversed(run["steps"]):
            if step["state"] == "completed":
                _add_step(branch, step)
        origin = run["origin"]
        branch.add(f"event {origin['type']}  {origin['source']}  {origin['id']}  {origin['time']}")
        branch.add(Text.assemble("object ", (run["object"], "bold")))
    new_console().print(root, soft_wrap=True)


def _add_step(branch: Tree, step: dict[str, Any]) -> None:
    reused = " reused" if step["reused"] else ""
    node = branch.add(Text.assemble((step["step"], "bold"), (f"  {seconds(step['seconds'])}{reused}", "dim")))
    for gift in step["gives"]:
        node.add(f"{gift['name']}  {gift['digest'][:_DIGEST]}  {gift['media_type']}")
    if words := told(step["facts"]):
        node.add(Text(words, "dim"))


def _served(serving: dict[str, Any] | None) -> Iterator[str]:
    if serving is not None:
        yield f"serves {serving['percent']} % of {serving['route']}, {serving['state']}"
