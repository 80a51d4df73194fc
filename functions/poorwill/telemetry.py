"""The log line, the names of the metrics, and the trace context; no logging framework, no cost in silence."""

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

# metric names end in their unit (https://prometheus.io/docs/practices/naming/)
REQUESTS_TOTAL = "poorwill_requests_total"
REQUEST_SECONDS = "poorwill_request_duration_seconds"
MODEL_SECONDS = "poorwill_model_run_duration_seconds"
BATCH_REQUESTS = "poorwill_batch_requests"
REQUEST_BYTES_TOTAL = "poorwill_request_body_bytes_total"
COLD_START_SECONDS = "poorwill_cold_start_phase_seconds"
SAMPLES_TOTAL = "poorwill_samples_total"
VERSION_INFO = "poorwill_version_info"

# W3C Trace Context level 1, section 3.2.2: version, trace id, parent id, flags; neither id all zeros
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}")

_encode = msgspec.json.Encoder().encode


def trace_id(traceparent: str) -> str:
    """Return the trace id of a `traceparent`, or "" where there is none that is valid."""
    match = _TRACEPARENT.fullmatch(traceparent)
    return match[1] if match else ""


def now() -> str:
    """Return the time as RFC 3339 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def write_stdout(line: bytes) -> None:
    """Write one line in one system call, so that lines of several threads never mix."""
    os.write(1, line)


class Log:
    """JSON lines: errors and slow answers always, of the others every n-th.

    Args:
        ratio: share of ordinary answers that are logged, 0 to 1.
        write: takes each line, newline included.
        constant: members that every line carries, such as model and revision.
    """

    __slots__ = ("_constant", "_due", "_ratio", "_write")

    def __init__(self, *, ratio: float, write: Callable[[bytes], None] = write_stdout, **constant: str) -> None:
        self._ratio = ratio
        self._write = write
        self._constant = {key: value for key, value in constant.items() if value}
        self._due = 0.0

    def sampled(self) -> bool:
        """Return whether this ordinary answer is one of the share that is logged."""
        self._due += self._ratio
        if self._due < 1.0:
            return False
        self._due -= 1.0
        return True

    def line(self, severity: str, message: str, **members: Any) -> None:
        """Write one line; `severity` is INFO, WARNING or ERROR."""
        head = {"time": now(), "severity": severity, "message": message}
        self._write(_encode(head | members | self._constant) + b"\n")
