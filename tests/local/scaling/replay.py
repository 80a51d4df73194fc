"""Plays a recorded life of a revision to our autoscaler, in the order in which it was played to Knative's."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from poorwill.kinds.autoscaling import GROUP, Autoscaling, autoscaling
from poorwill.kinds.duration import seconds
from poorwill.local.revision import RevisionKey
from poorwill.local.scaling.defaults import Defaults
from poorwill.local.scaling.scaler import Decision, Scaler

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())
KEY = RevisionKey("default", "digits-v1-00001")

Trace = dict[str, Any]
Row = list[Any]


def described(annotations: dict[str, str], container_concurrency: int) -> Autoscaling:
    return autoscaling({f"{GROUP}/{name}": value for name, value in annotations.items()}, container_concurrency)


def replayed(trace: Trace) -> list[Row]:
    """Return what was decided, each time that it changed: the form of a trace's `expected`."""
    rows: list[Row] = []
    for at, decision in _decisions(trace):
        row = _row(decision)
        if not rows or rows[-1][1:] != row:
            rows.append([at, *row])
    return rows


def _decisions(trace: Trace) -> Iterator[tuple[float, Decision]]:
    clock = [0.0]
    scaler = Scaler(lambda: 1000.0 + clock[0], _defaults(trace.get("config", {})))
    rules = _rules(trace)
    unreachable = trace.get("unreachable", [])
    scaler.track(KEY, rules, reachable=True, last_wanted=trace.get("last_wanted"))
    ready = 0
    yield 0.0, scaler.observe(KEY, ready)
    events = {at: (kind, count) for at, kind, count in trace["events"]}
    loads = [load for count, *load in trace["loads"] for _ in range(int(count))]
    for second, load in enumerate(loads):
        clock[0] = float(second)
        decision = scaler.tick({KEY: ready})[KEY] if second and second % 2 == 0 else None
        if second in unreachable:
            scaler.track(KEY, rules, reachable=second >= unreachable[1])
            decision = scaler.observe(KEY, ready)
        if decision:
            yield second, decision
        clock[0] = second + 0.25
        if clock[0] in events:
            yield clock[0], scaler.poke(KEY)
        clock[0] = second + 0.5
        scaler.record(KEY, *load)
        clock[0] = second + 0.75
        if clock[0] in events:
            ready = events[clock[0]][1]
            yield clock[0], scaler.observe(KEY, ready)


def _rules(trace: Trace) -> Autoscaling:
    rules = described(trace.get("annotations", {}), trace.get("container_concurrency", 0))
    if trace.get("config", {}).get("allow-zero-initial-scale"):
        rules = rules._replace(initial_scale=0)
    return rules._replace(progress_deadline_seconds=trace.get("progress_deadline_seconds", 600))


def _defaults(config: dict[str, str]) -> Defaults:
    known = Defaults()
    return Defaults(
        max_scale_up_rate=float(config.get("max-scale-up-rate", known.max_scale_up_rate)),
        max_scale_down_rate=float(config.get("max-scale-down-rate", known.max_scale_down_rate)),
        scale_to_zero=config.get("enable-scale-to-zero") != "false",
        grace_period_seconds=seconds(config.get("scale-to-zero-grace-period", "30s")),
        activator_capacity=float(config.get("activator-capacity", known.activator_capacity)),
    )


def _row(decision: Decision) -> Row:
    return [
        decision.wanted,
        decision.desired,
        decision.excess_burst,
        decision.activity,
        decision.reason,
        decision.proxied,
        decision.initialized,
        decision.panic,
        decision.activators,
    ]
