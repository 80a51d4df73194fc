"""What a version says of sharing runs: the plan, and how many requests have shared one; drawn as text for people."""

from collections.abc import Iterator, Mapping

import msgspec

from poorwill.serving.batching.known import Sharing
from poorwill.serving.batching.plan import Plan
from poorwill.serving.predictor import Served


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One version's plan, and its requests so far: how many had a run with how many, themselves among them."""

    version: str  # digits@3
    plan: Plan
    requests: dict[int, int] = {}


def report(served: Served, sharing: Sharing | None, requests: Mapping[int, int]) -> Report:
    """Return what a version says of itself."""
    plan = sharing.choice.told() if sharing else Plan(place="loop", words="nothing was asked of it")
    return Report(version=f"{served.name}@{served.version}", plan=plan, requests=dict(sorted(requests.items())))


def draw(told: Report) -> str:
    """Return the decision in sentences, the times it was made from, and what it has come to."""
    lines = list(_sentences(told))
    if told.plan.times:
        lines += ["", *_table(told.plan)]
    if told.requests:
        lines += ["", "  requests so far, by how many had one run:"]
        lines += [f"  {size:>4} {count:>10,}" for size, count in told.requests.items()]
    return "\n".join(lines)


def _sentences(told: Report) -> Iterator[str]:
    plan = told.plan
    if plan.rows_limit > 1:
        yield f"{told.version}  up to {plan.rows_limit} rows of requests that wait share a run: {plan.words}."
        yield f"That is {plan.gain:.2f} times the requests a second, and no shared run takes over {plan.limit_ms:g} ms."
    else:
        yield f"{told.version}  no request shares a run: {plan.words}."
    where = "on threads, as it is heavy" if plan.place == "threads" else "on the event loop, as it is light"
    yield f"It runs {where}; a request by itself takes {plan.request_ms:.3f} ms."


def _table(plan: Plan) -> Iterator[str]:
    yield f"  {'rows':>4} {'ms a run':>10} {'us a row':>10} {'rows a second':>14} {'times one row':>14}"
    alone_ms = plan.times[0].run_ms
    for timing in plan.times:
        row_ms = timing.run_ms / timing.rows
        chosen = "  chosen" if timing.rows == plan.rows_limit > 1 else ""
        cells = f"{timing.rows:>4} {timing.run_ms:>10.3f} {row_ms * 1e3:>10.1f} {1e3 / row_ms:>14,.0f}"
        yield f"  {cells} {alone_ms / row_ms:>14.2f}{chosen}"
