"""How any function answers: what was done, or a refusal as a problem."""

from collections.abc import Callable

from poorwill.errors import PoorwillError
from poorwill.serving.message import Answer
from poorwill.serving.protocol.problem import problem
from poorwill.telemetry import Log


def answered(work: Callable[[], Answer], log: Log, request_id: str, verb: str) -> Answer:
    """Return what the work answers, or the answer to its failure; never raises."""
    try:
        answer = work()
    except PoorwillError as error:
        return refused(error, log, request_id, verb)
    except Exception as error:  # noqa: BLE001 - a fault of ours is told by its place, not its text
        trace = error.__traceback__
        while trace and trace.tb_next:
            trace = trace.tb_next
        where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
        log.line("ERROR", "unexpected error", request_id=request_id, error=type(error).__name__, where=where)
        return problem(PoorwillError(), request_id)
    return answer._replace(headers=(*answer.headers, ("x-request-id", request_id)))


def refused(error: PoorwillError, log: Log, request_id: str, verb: str) -> Answer:
    """Return an error's answer, and say it in the log."""
    severity = "WARNING" if error.status < 500 else "ERROR"
    log.line(
        severity, "refused", request_id=request_id, verb=verb, kind=error.kind, status=error.status, detail=str(error)
    )
    return problem(error, request_id)
