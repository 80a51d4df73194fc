"""Stands before a store's server and passes on, bytes late, or refuses; a context on a port of its own."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Self
from urllib.parse import urlsplit

from loadtests.faults.raw_http import end_by_reset

CHUNK_BYTES = 65_536


class StoreProxy:
    """A TCP proxy in a thread of its own.

    Args:
        endpoint: URL of the server.
    """

    def __init__(self, endpoint: str) -> None:
        parts = urlsplit(endpoint)
        self._there = parts.hostname, parts.port
        self._delay_seconds = 0.0
        self._refuses = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="store-proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._call(asyncio.start_server(self._carry, "127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @contextmanager
    def slow(self, delay_seconds: float) -> Iterator[None]:
        """Pass on each part of an answer late, for a block."""
        self._delay_seconds = delay_seconds
        try:
            yield
        finally:
            self._delay_seconds = 0.0

    @contextmanager
    def away(self) -> Iterator[None]:
        """Reset every connection, those that are there and those that come, for a block."""
        self._refuses = True
        self._loop.call_soon_threadsafe(self._reset_all)
        try:
            yield
        finally:
            self._refuses = False

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuses:
            _reset(writer)
            return
        try:
            there_reader, there_writer = await asyncio.open_connection(*self._there)
        except OSError:
            _reset(writer)
            return
        self._writers |= {writer, there_writer}
        await asyncio.gather(self._pass(reader, there_writer), self._pass(there_reader, writer, late=True))
        self._writers -= {writer, there_writer}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, late: bool = False) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK_BYTES):
                if late and self._delay_seconds:
                    await asyncio.sleep(self._delay_seconds)
                writer.write(data)
                await writer.drain()
        writer.close()

    def _reset_all(self) -> None:
        for writer in self._writers:
            _reset(writer)

    async def _end(self) -> None:
        self._server.close()
        self._reset_all()
        await asyncio.sleep(0)

    def _call(self, work):  # noqa: ANN001, ANN202 - what a coroutine returns
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def _reset(writer: asyncio.StreamWriter) -> None:
    if not writer.is_closing():
        end_by_reset(writer.get_extra_info("socket"))
        writer.transport.abort()
