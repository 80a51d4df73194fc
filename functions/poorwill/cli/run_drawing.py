"""A run as an SVG: its steps from the top down, what each gave, and who took that. Pure; takes the run's document."""

from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

STEP_WIDTH, ROW_HEIGHT, BOX_HEIGHT, MARGIN = 230, 84, 56, 24
ARTIFACT_X, ARTIFACT_WIDTH = 330, 250
_LANE = 14  # pixels between the lines of two artifacts
_STATES = ("completed", "failed", "running", "waiting")
_STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1c2330 } .dim { fill: #5b6575; font-size: 12px }
  .title { font-size: 16px; font-weight: 600 } rect { fill: #fff; stroke-width: 1.5 }
  .completed { stroke: #1a7f4b } .failed { stroke: #c0362c; fill: #fdf0ee } .running { stroke: #b7791f }
  .waiting { stroke: #a0a8b4; stroke-dasharray: 4 3 } .artifact { stroke: #4a6fa5; fill: #f3f7fc }
  path { fill: none; stroke: #8a94a3; stroke-width: 1.3 } .paper { stroke: none; fill: #fff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6e9ee } .dim { fill: #9aa4b2 } rect { fill: #1d232c } .paper { fill: #14181f }
    .failed { fill: #3a1f1d } .artifact { fill: #1b2638 }
  }
"""


def drawing(run: dict[str, Any]) -> str:
    """Return the run as one SVG document that needs nothing besides."""
    steps = run["steps"]
    width = ARTIFACT_X + ARTIFACT_WIDTH + MARGIN + _LANE * (len(steps) + 1)
    height = 2 * MARGIN + 40 + ROW_HEIGHT * len(steps)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'role="img" aria-label="{_text("run " + run["run"] + ", " + run["state"])}">'
        ),
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{width}" height="{height}"/>',
        f'<text class="title" x="{MARGIN}" y="{MARGIN + 12}">{_text(run["run"])}</text>',
        f'<text class="dim" x="{MARGIN}" y="{MARGIN + 30}">{_text(run["state"] + ", began " + run["created"])}</text>',
        (
            '<defs><marker id="to" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            '<path d="M0,0 L8,4 L0,8" style="fill:none"/></marker></defs>'
        ),
        *_lines(steps),
        *(part for number, step in enumerate(steps) for part in _row(number, step)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def seconds(value: float | None) -> str:
    """Return how long a step took, for people; "" where it has not ended."""
    if value is None:
        return ""
    return f"{value:.1f} s" if value < 100 else f"{value / 60:.1f} min"


def _top(number: int) -> int:
    return MARGIN + 48 + number * ROW_HEIGHT


def _row(number: int, step: dict[str, Any]) -> Iterator[str]:
    y, state = _top(number), step["state"] if step["state"] in _STATES else "waiting"
    said = " · ".join(filter(None, (state, seconds(step["seconds"]), "reused" if step["reused"] else "")))
    yield f'<rect class="{state}" x="{MARGIN}" y="{y}" width="{STEP_WIDTH}" height="{BOX_HEIGHT}" rx="8"/>'
    yield f'<text x="{MARGIN + 14}" y="{y + 24}" font-weight="600">{_text(step["step"])}</text>'
    yield f'<text class="dim" x="{MARGIN + 14}" y="{y + 43}">{_text(said)}</text>'
    for artifact in step["gives"][:1]:
        x = ARTIFACT_X
        yield f'<rect class="artifact" x="{x}" y="{y + 6}" width="{ARTIFACT_WIDTH}" height="44" rx="22"/>'
        yield f'<text x="{x + 18}" y="{y + 25}">{_text(artifact["name"])}</text>'
        yield f'<text class="dim" x="{x + 18}" y="{y + 41}">{_text(artifact["digest"][:19])}…</text>'


def _lines(steps: list[dict[str, Any]]) -> Iterator[str]:
    """Yield a line from each step to what it gave, and from there to each step that took it."""
    givers = {step["gives"][0]["name"]: number for number, step in enumerate(steps) if step["gives"]}
    for number in givers.values():
        middle = _top(number) + BOX_HEIGHT // 2
        yield f'<path marker-end="url(#to)" d="M{MARGIN + STEP_WIDTH},{middle} H{ARTIFACT_X}"/>'
    for number, step in enumerate(steps):
        for name in step["takes"]:
            if name not in givers:
                continue
            lane = ARTIFACT_X + ARTIFACT_WIDTH + _LANE * (givers[name] + 1)
            start, end = _top(givers[name]) + BOX_HEIGHT // 2, _top(number) - 8
            into = MARGIN + STEP_WIDTH // 2
            yield (
                f'<path marker-end="url(#to)" d="M{ARTIFACT_X + ARTIFACT_WIDTH},{start} H{lane} V{end} '
                f'H{into} V{end + 8}"/>'
            )


def _text(words: object) -> str:
    return escape(str(words), {'"': "&quot;"})
