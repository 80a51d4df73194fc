"""The log of a pod's container: what is there, the end of it, and what comes."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple

from poorwill.kinds.kind import Object
from poorwill.local.api.reads import flag, number
from poorwill.local.api.status import bad_request

Logs = Callable[[str, str, str, bool], Path | None]
"""Where the log lies of a namespace, a pod, a container, of its run before this one (True) or this; None for none."""

_BLOCK_BYTES = 64 * 1024
_POLL_SECONDS = 0.1  # nothing tells a reader of a file that there is more
_NOT_THERE = ("timestamps", "sinceSeconds", "sinceTime")


class Wanted(NamedTuple):
    """Which part of which log."""

    container: str
    previous: bool
    follow: bool
    tail_lines: int | None
    limit_bytes: int | None


def wanted(query: Mapping[str, str], pod: Object) -> Wanted:
    """Return what a request asks for; BadRequest for a container that the pod hasn't, or what the twin can't tell."""
    for name in _NOT_THERE:
        if query.get(name, "false") != "false":
            raise bad_request(f"{name}: the twin's logs have no times; use tailLines")
    containers = [container["name"] for container in pod.get("spec", {}).get("containers", ())]
    container = query.get("container", "") or (containers[0] if len(containers) == 1 else "")
    name = pod["metadata"]["name"]
    if not container:
        choices = " ".join(containers)
        raise bad_request(f"a container name must be specified for pod {name}, choose one of: [{choices}]")
    if container not in containers:
        raise bad_request(f"the container is not valid for pod {name}; it has: {', '.join(containers)}")
    return Wanted(
        container,
        flag(query, "previous"),
        flag(query, "follow"),
        number(query, "tailLines") if query.get("tailLines") else None,
        number(query, "limitBytes") if query.get("limitBytes") else None,
    )


async def blocks(path: Path, asked: Wanted, goes_on: Callable[[], bool]) -> AsyncIterator[bytes]:
    """Yield a log; while it is followed, until `goes_on` says that nothing more will come."""
    left = asked.limit_bytes
    with path.open("rb") as file:
        if asked.tail_lines is not None:
            file.seek(_start_of_last(file, asked.tail_lines))
        while left is None or left > 0:
            alive = asked.follow and goes_on()  # asked before the read: what was written until then is read
            if os.fstat(file.fileno()).st_size < file.tell():  # its older part was moved aside
                file.seek(0)
            block = file.read(_BLOCK_BYTES if left is None else min(left, _BLOCK_BYTES))
            left = None if left is None else left - len(block)
            if block:
                yield block
            elif alive:
                await asyncio.sleep(_POLL_SECONDS)
            else:
                return


def runs(pod: Object | None, container: str, first: Object) -> bool:
    """Return whether a container of that very pod may still write, and was not restarted since first."""
    if pod is None or pod["metadata"]["uid"] != first["metadata"]["uid"]:
        return False
    now, then = _status(pod, container), _status(first, container)
    return "terminated" not in now.get("state", {}) and now.get("restartCount", 0) == then.get("restartCount", 0)


def _status(pod: Object, container: str) -> Object:
    statuses: list[Object] = (pod.get("status") or {}).get("containerStatuses") or []
    return next((one for one in statuses if one.get("name") == container), {})


def _start_of_last(file: BinaryIO, lines: int) -> int:
    """Return where the last lines of a file begin."""
    position = file.seek(0, 2)
    ends = lines + 1  # a log ends with the end of its last line
    while position > 0:
        size = min(_BLOCK_BYTES, position)
        position -= size
        file.seek(position)
        block = file.read(size)
        place = len(block)
        if ends == lines + 1 and not block.endswith(b"\n"):
            ends -= 1
        while ends and (place := block.rfind(b"\n", 0, place)) >= 0:
            ends -= 1
        if not ends:
            return position + place + 1
    return 0
