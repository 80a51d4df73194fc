"""One subscription's letters in memory: few, however many wait in the journal."""

import asyncio
from collections import deque

from poorwill.local.eventing.letter import Letter
from poorwill.local.eventing.subscription import Subscription

AT_HAND = 256
"""Letters that wait in memory for one subscription."""


class Room:
    """What all letters in memory together may take."""

    __slots__ = ("_limit_bytes", "_used_bytes")

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._used_bytes = 0

    @property
    def is_full(self) -> bool:
        """Return whether no more is to be taken in."""
        return self._used_bytes >= self._limit_bytes

    def take(self, size_bytes: int) -> None:
        """Count bytes in."""
        self._used_bytes += size_bytes

    def give(self, size_bytes: int) -> None:
        """Count them out."""
        self._used_bytes -= size_bytes


class Lane:
    """What of a subscription's letters is at hand and under way, and whether more wait in the journal."""

    def __init__(self, subscription: Subscription, room: Room) -> None:
        self.subscription = subscription
        self._room = room
        self.ready: deque[Letter] = deque()
        self._claimed: dict[int, int] = {}  # at hand or under way, by the event's number: its bytes
        self.in_flight = 0
        self.is_behind = True  # the journal may have letters that are due and not here
        self.is_loading = False
        self.is_stalled = False  # the last look found none that is not here already: not before one of them is done
        self.is_closed = False
        self.alarm: asyncio.TimerHandle | None = None

    @property
    def claimed_count(self) -> int:
        """Return how many letters are at hand or under way."""
        return len(self._claimed)

    @property
    def has_room(self) -> bool:
        """Return whether one more letter may be at hand: the first always may."""
        return not (self._room.is_full and self._claimed)

    def has(self, letter: Letter) -> bool:
        """Return whether a letter is at hand or under way."""
        return letter.event_id in self._claimed

    def offer(self, letter: Letter) -> None:
        """Take a letter that was just written, if there is room and none waits before it."""
        if self.is_closed or self.has(letter):
            return
        if self.is_behind or self.is_loading or len(self.ready) >= AT_HAND or not self.has_room:
            self.is_behind = True
        else:
            self.take(letter)

    def take(self, letter: Letter) -> None:
        """Have a letter at hand."""
        self._claimed[letter.event_id] = letter.size_bytes
        self._room.take(letter.size_bytes)
        self.ready.append(letter)

    def let_go(self, letter: Letter) -> None:
        """Forget a letter that was under way: it is done with, or the journal has it for later."""
        self._room.give(self._claimed.pop(letter.event_id, 0))
        self.is_stalled = False

    def close(self) -> None:
        """Forget all: the subscription is gone."""
        self.is_closed = True
        if self.alarm is not None:
            self.alarm.cancel()
        for size_bytes in self._claimed.values():
            self._room.give(size_bytes)
        self._claimed.clear()
        self.ready.clear()
