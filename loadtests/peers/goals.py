"""What was promised beside the peers, what a run found of it, and by which figures what is missed is missed."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from loadtests.bench.report import Goal, number
from loadtests.peers.floors import Floors
from loadtests.peers.models import BIG, SMALL, TREE
from loadtests.peers.rows import OURS, ROWS
from loadtests.peers.summary import Found, Span, Summary, best, ratio
from loadtests.peers.tour import MANY_CONNECTIONS

TIMES_REQUESTS = {SMALL: 7.0, TREE: 7.0, BIG: 1.0}
"""Requests a second, times the best peer's: of the big model that it is the best."""
SHARE_OF_P99 = 1 / 3
SHARE_OF_COLD = {SMALL: 0.9, BIG: 0.35}
"""Cold start, share of the best peer's."""
SHARE_OF_SERVERS_COLD = 0.3
"""The same, of KServe's and MLServer's, which are servers as ours is."""
SERVERS = ("kserve", "mlserver")


class Promise(NamedTuple):
    """A goal, the model that it speaks of, and the measured reason why it is missed."""

    model: str
    goal: Goal
    reason: str


def promises(found: Found, floors: Floors) -> list[Promise]:
    """Return all goals of the models that a run had."""
    return [promise for model in found for promise in _of_model(model, found[model], floors)]


def _of_model(model: str, found: Mapping[str, Summary], floors: Floors) -> Iterator[Promise]:
    mine = found.get(OURS)
    if mine is None:
        return
    fastest = best(found, _requests, highest=True)
    words = f"{model}: requests a second, times the best peer's{_named(fastest)}"
    goal = Goal(words, TIMES_REQUESTS[model], ratio(found, _requests, fastest), at_least=True)
    yield Promise(model, goal, _why_requests(model, mine, found.get(fastest or ""), floors))
    calmest = best(found, _p99, highest=False)
    words = f"{model}: p99 at {MANY_CONNECTIONS} connections, share of the best peer's{_named(calmest)}"
    goal = Goal(words, SHARE_OF_P99, ratio(found, _p99, calmest), at_least=False)
    yield Promise(model, goal, _why_p99(model, mine, found.get(calmest or ""), floors))
    first = best(found, _cold, highest=False)
    shares = [("the best peer", first, SHARE_OF_COLD[model])] if model in SHARE_OF_COLD else []
    shares += [(ROWS[row].name, row, SHARE_OF_SERVERS_COLD) for row in SERVERS] if model == SMALL else []
    for whose, peer, share in shares:
        named = "" if peer in SERVERS and whose != "the best peer" else _named(peer)
        goal = Goal(f"{model}: cold start, share of {whose}'s{named}", share, ratio(found, _cold, peer), at_least=False)
        yield Promise(model, goal, _why_cold(model, mine, found.get(peer or ""), floors))


def _why_requests(model: str, mine: Summary, peer: Summary | None, floors: Floors) -> str:
    if not (peer and mine.cpu_us and mine.wrk_us and mine.requests_per_second and peer.requests_per_second):
        return ""
    run_us, theirs, times = floors.run_us[model], peer.requests_per_second.median, TIMES_REQUESTS[model]
    return (
        f"of the {mine.cpu_us.median:,.0f} us of CPU that a request takes here, the model's run alone is {run_us:,.0f} "
        f"and what a request takes that no model answers {number(floors.live_us, 0)}; wrk takes "
        f"{mine.wrk_us.median:,.0f} more of the same cores. The peer's {theirs:,.0f} a second, times "
        f"{times:g}, would leave {1e6 / theirs / times:,.0f} us from one answer to the next"
    )


def _why_p99(model: str, mine: Summary, peer: Summary | None, floors: Floors) -> str:
    if not (peer and mine.requests_per_second and peer.requests_per_second and mine.p99_many_ms and peer.p99_many_ms):
        return ""
    sides = ((each.requests_per_second, each.p99_many_ms) for each in (mine, peer))
    (mine_ms, mine_times), (peer_ms, peer_times) = (
        (wait := MANY_CONNECTIONS / rate.median * 1000, p99.median / wait) for rate, p99 in sides if rate and p99
    )
    return (
        f"{MANY_CONNECTIONS} connections that ask again at once wait {mine_ms:,.1f} ms on average by the rate alone, "
        f"and {peer_ms:,.1f} at the peer; p99 is {mine_times:.1f} times that here, and {peer_times:.1f} there. The "
        f"model's run alone, {floors.run_us[model] / 1000:,.3g} ms, is the same for all"
    )


def _why_cold(model: str, mine: Summary, peer: Summary | None, floors: Floors) -> str:
    if not peer:
        return ""
    phases = ", ".join(f"{name.replace('_', ' ')} {ms:,.0f}" for name, ms in floors.phases_ms[model].items())
    return (
        f"an interpreter that does nothing but import onnxruntime takes {floors.import_ms:,.0f} of the "
        f"{mine.cold_ms.median:,.0f} ms, and the peer answers after {peer.cold_ms.median:,.0f}. By the predictor's own "
        f"ledger, in ms, the fetch beside the imports: {phases}"
    )


def _requests(summary: Summary) -> Span | None:
    return summary.requests_per_second


def _p99(summary: Summary) -> Span | None:
    return summary.p99_many_ms


def _cold(summary: Summary) -> Span | None:
    return summary.cold_ms


def _named(row: str | None) -> str:
    return f" ({ROWS[row].name})" if row else ""
