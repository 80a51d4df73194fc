"""A cold-start report drawn as text: each phase where it began, as long as it took."""

from poorwill.serving.ledger import Report, StartPack

_WIDTH = 44


def draw(report: Report) -> str:
    """Return one line a phase, and when the version was ready and answered first.

    The time between readiness and the first request is left out: nobody was waiting in it.
    """
    phases = [phase for phase in report.phases if phase.name != "first_answer"]
    total_ms = report.ready_ms or max((phase.start_ms + phase.duration_ms for phase in phases), default=0.0) or 1.0
    lines = []
    for phase in phases:
        before = int(_WIDTH * phase.start_ms / total_ms)
        length = max(1, round(_WIDTH * phase.duration_ms / total_ms))
        bar = (" " * before + "█" * length)[:_WIDTH]
        lines.append(f"  {phase.name.replace('_', ' '):<12} {bar:<{_WIDTH}} {phase.duration_ms:8.1f} ms")
    lines.append(f"  {'ready':<12} {'':<{_WIDTH}} {total_ms:8.1f} ms after the process began")
    first = next((phase for phase in report.phases if phase.name == "first_answer"), None)
    if first:
        lines.append(f"  {'first answer':<12} {'':<{_WIDTH}} {first.duration_ms:8.1f} ms in the predictor")
    if report.start_pack:
        lines.append(f"  {'start pack':<12} {_words(report.start_pack)}")
    return "\n".join(lines)


def _words(pack: StartPack) -> str:
    if pack.unused:
        return pack.unused
    saved_ms = pack.plain_ms - pack.made_ms
    return f"used; it saved {saved_ms:.1f} of {pack.plain_ms:.1f} ms of the session when it was made"
