"""A report as one HTML file that needs nothing else: no script, no font, no address; readable on paper and at night."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Literal, NewType

Html = NewType("Html", str)
"""What is written as it is; everything else goes through `text`."""

Tone = Literal["pass", "fail", "unsure"]

_SIGNS: Mapping[Tone, str] = {"pass": "✓", "fail": "✗", "unsure": "?"}
_STYLE = """
:root{color-scheme:light dark;--ink:#1c2024;--dim:#667079;--line:#dde1e5;--back:#fff;--soft:#f4f6f8;
--pass:#17743b;--fail:#b3261e;--unsure:#8a5a00;--bar:#2f6feb;--before:#c3cad2}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ec;--dim:#98a2ab;--line:#333a41;--back:#15181b;--soft:#1e2226;
--pass:#5fce8b;--fail:#ff8a80;--unsure:#f0bd63;--bar:#6ea1ff;--before:#4d565f}}
body{margin:0 auto;max-width:74rem;padding:2rem 1.25rem;background:var(--back);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}
p{margin:.25rem 0;max-width:48rem}.dim{color:var(--dim)}
.verdict{font-size:1.1rem;font-weight:600;border-left:.3rem solid;padding:.4rem .8rem;margin:1rem 0;
background:var(--soft)}
.pass{color:var(--pass)}.fail{color:var(--fail)}.unsure{color:var(--unsure)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1.25rem;margin:0}dt{color:var(--dim)}
dd{margin:0;overflow-wrap:anywhere}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:middle}
th{color:var(--dim);font-weight:500;white-space:nowrap}td.number,th.number{text-align:right;
font-variant-numeric:tabular-nums;white-space:nowrap}
code{font:13px ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
summary{cursor:pointer;color:var(--dim);margin-top:2rem}svg{display:block}
td>span{white-space:nowrap}.bar{fill:var(--bar)}.before{fill:var(--before)}.line{stroke:var(--ink);stroke-width:1.5}
.range{stroke:var(--bar);stroke-width:4;stroke-opacity:.45;stroke-linecap:round}
"""


def page(title: str, verdict: str, tone: Tone, facts: Mapping[str, str], sections: Iterable[Html]) -> bytes:
    """Return a report.

    Args:
        title: of what it is.
        verdict: in a sentence.
        tone: of the verdict.
        facts: what it is about, name by name.
        sections: what follows, in order.
    """
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.items())
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        f'<h1>{escape(title)}</h1><p class="verdict {tone}">{_SIGNS[tone]} {escape(verdict)}</p><dl>{listed}</dl>'
        f"{''.join(sections)}</body></html>\n"
    ).encode()


def text(value: str) -> Html:
    """Return a value as it is read, whatever is in it."""
    return Html(escape(value))


def section(heading: str, *parts: Html) -> Html:
    """Return a part of a page under its heading."""
    return Html(f"<section><h2>{escape(heading)}</h2>{''.join(parts)}</section>")


def paragraph(sentence: str) -> Html:
    """Return a remark."""
    return Html(f'<p class="dim">{escape(sentence)}</p>')


def folded(heading: str, *parts: Html) -> Html:
    """Return a part of a page that is opened by who wants it."""
    return Html(f"<details><summary>{escape(heading)}</summary>{''.join(parts)}</details>")


def grid(heads: Iterable[str], rows: Iterable[Iterable[Html]]) -> Html:
    """Return a table; a head that begins with '#' stands over numbers."""
    names = list(heads)
    kinds = [' class="number"' if name.startswith("#") else "" for name in names]
    top = "".join(f"<th{kind}>{escape(name.removeprefix('#'))}</th>" for name, kind in zip(names, kinds, strict=True))
    body = "".join(
        f"<tr>{''.join(f'<td{kind}>{cell}</td>' for cell, kind in zip(row, kinds, strict=True))}</tr>" for row in rows
    )
    return Html(f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>')


def toned(value: str, tone: Tone) -> Html:
    """Return a value in the colour of a verdict, and with its sign for who sees no colour."""
    return Html(f'<span class="{tone}">{_SIGNS[tone]} {escape(value)}</span>')


def bars(before: Iterable[float], now: Iterable[float], told: str) -> Html:
    """Return two distributions over the same bins, shares from 0 to 1: the one before pale and behind."""
    pairs = list(zip(before, now, strict=True))
    highest = max((share for pair in pairs for share in pair), default=0) or 1
    step = _WIDTH_PIXELS / max(1, len(pairs))
    drawn = "".join(
        _bar("before", at * step + step * 0.05, step * 0.9, pale / highest)
        + _bar("bar", at * step + step * 0.28, step * 0.44, strong / highest)
        for at, (pale, strong) in enumerate(pairs)
    )
    return Html(
        f'<svg width="{_WIDTH_PIXELS}" height="{_HEIGHT_PIXELS}" role="img"><title>{escape(told)}</title>{drawn}</svg>'
    )


def interval(low: float, value: float, high: float, mark: float, span: tuple[float, float], told: str) -> Html:
    """Return a value inside its interval, and a mark that it is held against, on a scale that reaches over a span."""
    wide = (span[1] - span[0]) or 1
    left, at, right, there = (
        _EDGE_PIXELS + (where - span[0]) / wide * (_WIDTH_PIXELS - 2 * _EDGE_PIXELS)
        for where in (low, value, high, mark)
    )
    middle = _LINE_PIXELS / 2
    return Html(
        f'<svg width="{_WIDTH_PIXELS}" height="{_LINE_PIXELS}" role="img"><title>{escape(told)}</title>'
        f'<line class="range" x1="{left:.1f}" x2="{right:.1f}" y1="{middle}" y2="{middle}"/>'
        f'<circle class="bar" cx="{at:.1f}" cy="{middle}" r="4"/>'
        f'<line class="line" x1="{there:.1f}" x2="{there:.1f}" y1="1" y2="{_LINE_PIXELS - 1}"/></svg>'
    )


_WIDTH_PIXELS, _HEIGHT_PIXELS = 180, 34
_LINE_PIXELS, _EDGE_PIXELS = 18, 5


def _bar(name: str, left_pixels: float, width_pixels: float, height_ratio: float) -> str:
    height = height_ratio * _HEIGHT_PIXELS
    return (
        f'<rect class="{name}" x="{left_pixels:.1f}" y="{_HEIGHT_PIXELS - height:.1f}" '
        f'width="{width_pixels:.1f}" height="{height:.1f}"/>'
    )
