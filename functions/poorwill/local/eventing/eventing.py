"""Eventing: what comes in is written down, and then delivered to all who want it."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from socket import socket

from poorwill.errors import Fault, InvalidRequestError, NotFoundError, PoorwillError, UnavailableError
from poorwill.events.event import Event
from poorwill.local.eventing.broker_event import entered
from poorwill.local.eventing.dispatcher import Dispatcher, Told
from poorwill.local.eventing.ingress import Elsewhere, Ingress
from poorwill.local.eventing.journal import Entry, Journal
from poorwill.local.eventing.letter import DeadLetter
from poorwill.local.eventing.next_step import BROKER
from poorwill.local.eventing.outgoing import Address, Outgoing
from poorwill.local.eventing.subscription import Channels
from poorwill.local.eventing.switchboard import Switchboard

_UNWRITTEN_LIMIT_BYTES = 67_108_864
"""Of events that wait for the disk; who brings more is told to come back."""


class Eventing:
    """Channels, their subscriptions, and the events between them.

    Args:
        journal_path: the SQLite file that holds what is not delivered yet.
        gateway: returns host and port of the twin's one gateway.
        clock: the time in seconds.
        on_dead_letter: told of each event that did not arrive, whether a dead-letter sink gets it or it is dropped.
        elsewhere: answers requests to addresses that are no channels.

    Raises:
        ConflictError: another twin has the journal.
        CorruptError: it is something else.
    """

    def __init__(
        self,
        journal_path: Path,
        gateway: Callable[[], Address],
        clock: Callable[[], float] = time.time,
        *,
        on_dead_letter: Told = lambda _subscription, _dead_letter: None,
        elsewhere: Elsewhere = lambda _request: None,
    ) -> None:
        self._clock = clock
        self._switchboard = Switchboard()
        self._journal = Journal(journal_path)
        self._outgoing = Outgoing(gateway)
        self._dispatcher = Dispatcher(
            self._journal, self._outgoing, self._switchboard, clock=clock, on_dead_letter=on_dead_letter
        )
        self._ingress = Ingress(self._switchboard, self._enter, elsewhere)
        self._unwritten_bytes = 0

    async def start(self, listening: socket) -> None:
        """Take events from a socket."""
        await self._ingress.start(listening)

    def follow(self, channels: Channels) -> None:
        """Go by this table from now on.

        It holds every subscription that there is, whether its subscriber is ready or not: what waits for one that is
        no longer in the table is forgotten.
        """
        self._switchboard.follow(channels)
        self._dispatcher.follow(channels.subscriptions)

    async def accept(self, channel: str, event: Event) -> None:
        """Take an event into a channel, and return once it is on the disk.

        Raises:
            NotFoundError: there is no such channel.
            InvalidRequestError: it has come through Brokers too often.
            UnavailableError: the disk does not take it, or not as fast as events come.
        """
        if not self._switchboard.has(channel):
            raise NotFoundError(Fault("channel", "one that is there", "none of that name", "send it to another"))
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def told(error: PoorwillError | None) -> None:
            if written.cancelled():
                return
            if error is not None:
                written.set_exception(error)
            else:
                written.set_result(None)

        self._enter(channel, event, told)
        await written

    async def pending(self) -> dict[str, int]:
        """Return how many events each subscription has yet to get."""
        return await self._journal.pending()

    async def dead_letters(self) -> list[DeadLetter]:
        """Return what is known of the last events that did not arrive, the oldest first."""
        return await self._journal.dead_letters()

    async def stop(self) -> None:
        """Take no more events, end deliveries where they are, and close: what is under way is delivered once more."""
        await self._ingress.stop()
        self._dispatcher.stop()
        await self._outgoing.stop()
        await self._journal.close()

    def _enter(self, channel: str, event: Event, then: Callable[[PoorwillError | None], None]) -> None:
        try:
            kept = entered(event, self._clock()) if channel.startswith(BROKER) else event
        except InvalidRequestError as error:
            then(error)
            return
        takers = self._switchboard.takers(channel, kept)
        if not takers:
            then(None)
            return
        if self._unwritten_bytes >= _UNWRITTEN_LIMIT_BYTES:
            then(_busy())
            return
        entry = Entry()
        letters = self._dispatcher.accept(entry, kept, takers)
        size_bytes = letters[0].size_bytes
        self._unwritten_bytes += size_bytes

        def written(_: None, error: PoorwillError | None) -> None:
            self._unwritten_bytes -= size_bytes
            then(error)
            if error is None:
                self._dispatcher.offer(letters)

        self._journal.write(entry, written)


def _busy() -> UnavailableError:
    found = "more events than the disk has taken yet"
    return UnavailableError(Fault("the journal of events", "a disk that keeps up", found, "send again in a second"))
