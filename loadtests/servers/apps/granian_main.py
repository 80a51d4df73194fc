"""The predictor under granian embedded in this process (RSGI), a slow request on a thread of asyncio's."""

import asyncio
import signal
import sys
from typing import Any

from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from predict import SLOW_PATH, TIMEOUT_SECONDS, predict, slow


async def app(scope: Any, protocol: Any) -> None:
    """Answer one request."""
    answer = await asyncio.to_thread(slow) if scope.path == SLOW_PATH else predict(await protocol())
    protocol.response_bytes(200, [("content-type", "application/json")], answer)


async def main() -> None:
    """Serve until SIGTERM."""
    limits = HTTP1Settings(header_read_timeout=int(TIMEOUT_SECONDS * 1000))
    port = int(sys.argv[1])
    server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.RSGI, http1_settings=limits)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    await server.serve()


asyncio.run(main())
