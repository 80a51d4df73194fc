"""Takes letters from the journal to their subscribers, and writes down what became of each."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from poorwill.errors import PoorwillError
from poorwill.events.codec import encode_binary, encode_structured
from poorwill.events.event import Event
from poorwill.local import descriptors
from poorwill.local.eventing.broker_event import without_ttl
from poorwill.local.eventing.delivery_policy import TIMEOUT_SECONDS, Outcome, url_of
from poorwill.local.eventing.journal import Entry, Journal, Loaded
from poorwill.local.eventing.lane import AT_HAND, Lane, Room
from poorwill.local.eventing.letter import DeadLetter, Letter, Stage
from poorwill.local.eventing.next_step import Done, Drop, Enter, Forward, Hand, Retry, Step, entry_step, next_step
from poorwill.local.eventing.outgoing import Outgoing
from poorwill.local.eventing.subscription import Place, Subscription
from poorwill.local.eventing.switchboard import Switchboard
from poorwill.local.eventing.watched_clock import WatchedClock
from poorwill.local.fence import Fence

IN_FLIGHT = 64
"""Events that one subscriber gets at once, less where there are so many subscriptions that descriptors run short."""

_NOT_FOUND = 404
_MEMORY_BYTES = 134_217_728
_DESCRIPTORS_RATIO = 0.25  # of those for requests
_DISK_SECONDS = 1.0  # until what the disk did not take is tried again
_LATEST_SECONDS = 3600.0  # of an alarm: a clock that was set while no twin ran is seen then

Told = Callable[[Subscription, DeadLetter], None]
"""Told of each event that did not arrive, once that is written down."""


class Dispatcher:
    """The deliveries of all subscriptions."""

    def __init__(
        self,
        journal: Journal,
        outgoing: Outgoing,
        switchboard: Switchboard,
        *,
        clock: Callable[[], float],
        on_dead_letter: Told,
    ) -> None:
        self._journal = journal
        self._outgoing = outgoing
        self._switchboard = switchboard
        self._on_dead_letter = on_dead_letter
        self._loop = asyncio.get_running_loop()
        self._clock = WatchedClock(clock, self._loop.time, self._shift)
        self._room = Room(_MEMORY_BYTES)
        self._lanes: dict[str, Lane] = {}
        self._fence = Fence("telling of an event that did not arrive")
        self._in_flight_limit = IN_FLIGHT
        self._is_following = self._is_stopped = False

    def follow(self, subscriptions: Sequence[Subscription]) -> None:
        """Deliver to these from now on; what waits for any other is forgotten, here and in the journal."""
        wanted = {subscription.id: subscription for subscription in subscriptions}
        gone = self._lanes.keys() - wanted.keys()
        for name in gone:
            self._lanes.pop(name).close()
        budget = int(descriptors.for_requests() * _DESCRIPTORS_RATIO)
        self._in_flight_limit = max(1, min(IN_FLIGHT, budget // max(1, len(wanted))))
        for name, subscription in wanted.items():
            lane = self._lanes.get(name)
            if lane is None:
                lane = self._lanes[name] = Lane(subscription, self._room)
            lane.subscription = subscription
            self._go_on(lane)
        if gone or not self._is_following:  # at the start the journal may have some of what went before
            self._is_following = True
            self._forget_others()

    def accept(self, entry: Entry, event: Event, subscriptions: Sequence[str]) -> list[Letter]:
        """Put an event into an entry for these subscriptions, and return the letters to `offer` once it is written."""
        return self._journal.add(entry, event, subscriptions, due_seconds=self._clock())

    def offer(self, letters: Sequence[Letter]) -> None:
        """Deliver letters that have been written."""
        for letter in letters:
            lane = self._lanes.get(letter.subscription)
            if lane is not None:
                lane.offer(letter)
                self._go_on(lane)

    def stop(self) -> None:
        """Begin no more deliveries."""
        self._is_stopped = True
        for lane in self._lanes.values():
            lane.close()

    def _forget_others(self) -> None:
        self._journal.keep_only(self._lanes, lambda _, error: self._later(self._forget_others) if error else None)

    def _go_on(self, lane: Lane) -> None:
        """Send what is at hand while there is a free place, and look for more when that runs out."""
        while lane.ready and lane.in_flight < self._in_flight_limit and not lane.is_closed:
            self._send(lane, lane.ready.popleft())
        is_waiting = lane.is_loading or lane.is_stalled or lane.is_closed
        if lane.is_behind and not is_waiting and not lane.ready and lane.has_room:
            lane.is_loading, lane.is_behind = True, False
            limit = AT_HAND + lane.claimed_count  # these may come again
            self._journal.load(lane.subscription.id, self._clock(), limit, partial(self._loaded, lane))

    def _loaded(self, lane: Lane, loaded: Loaded | None, error: PoorwillError | None) -> None:
        lane.is_loading = False
        if lane.is_closed:
            return
        if error is not None or loaded is None:
            lane.is_behind = True
            self._later(partial(self._go_on, lane))
            return
        fresh = [letter for letter in loaded.letters if not lane.has(letter)]
        for letter in fresh:
            if not lane.has_room:
                lane.is_behind = True
                break
            lane.take(letter)
        lane.is_stalled = not fresh and not loaded.is_all
        lane.is_behind = lane.is_behind or not loaded.is_all
        if loaded.next_due_seconds is not None:
            self._wake_at(lane, loaded.next_due_seconds)
        self._go_on(lane)

    def _shift(self, after_seconds: float, by_seconds: float) -> None:
        """Let what waits for a time wait as long as before the clock was set."""

        def shifted(_: object, error: PoorwillError | None) -> None:
            if error is not None:
                self._later(partial(self._shift, after_seconds, by_seconds))
                return
            for lane in self._lanes.values():
                if lane.alarm is not None:
                    lane.alarm.cancel()
                self._wake(lane)

        self._journal.shift(after_seconds, by_seconds, shifted)

    def _wake_at(self, lane: Lane, due_seconds: float) -> None:
        when = self._loop.time() + min(max(0.0, due_seconds - self._clock()), _LATEST_SECONDS)
        if lane.alarm is None or lane.alarm.cancelled() or lane.alarm.when() > when:
            if lane.alarm is not None:
                lane.alarm.cancel()
            lane.alarm = self._loop.call_at(when, self._wake, lane)

    def _wake(self, lane: Lane) -> None:
        lane.alarm, lane.is_behind, lane.is_stalled = None, True, False
        self._go_on(lane)

    def _send(self, lane: Lane, letter: Letter) -> None:
        lane.in_flight += 1
        subscription = lane.subscription
        place = _place(letter, subscription)
        if place is None:  # taken out of the subscription meanwhile
            self._take(lane, letter, Drop(0) if letter.stage is Stage.DEAD_LETTER else Done())
        elif isinstance(place, Place):
            headers, body = _encoded(letter, subscription)
            timeout_seconds = subscription.delivery.timeout_seconds or TIMEOUT_SECONDS
            then = partial(self._answered, lane, letter)
            self._outgoing.send(place, headers, body, timeout_seconds=timeout_seconds, then=then)
        elif self._switchboard.has(place):
            url, now_seconds = self._switchboard.url(place), self._clock()
            step = entry_step(letter, letter.event, subscription, now_seconds=now_seconds, reply_url=url)
            self._take(lane, letter, step)
        else:
            self._loop.call_soon(self._answered, lane, letter, Outcome(_NOT_FOUND))

    def _answered(self, lane: Lane, letter: Letter, outcome: Outcome) -> None:
        if lane.is_closed or self._is_stopped:
            return
        reply = lane.subscription.reply
        step = next_step(
            letter,
            outcome,
            lane.subscription,
            now_seconds=self._clock(),
            reply_url=url_of(reply) if isinstance(reply, Place) else self._switchboard.url(reply or ""),
            has_reply_channel=isinstance(reply, str) and self._switchboard.has(reply),
        )
        self._take(lane, letter, step)

    def _take(self, lane: Lane, letter: Letter, step: Step) -> None:
        """Write down a step, and go on when it is written."""
        entry = Entry()
        dead = _dead_letter(letter, lane.subscription, step, self._clock())
        if dead is not None:
            entry.note(dead)
        fresh = self._follow_up(entry, letter, step)
        if not isinstance(step, Retry):
            entry.remove(letter)
        self._write(entry, partial(self._written, lane, letter, step, fresh, dead))

    def _write(self, entry: Entry, then: Callable[[], None]) -> None:
        """Write an entry, however long it takes: its letter keeps its place, so what can't be written can't grow."""
        again = partial(self._write, entry, then)
        self._journal.write(entry, lambda _, error: self._later(again) if error else then())

    def _written(
        self, lane: Lane, letter: Letter, step: Step, fresh: Sequence[Letter], dead: DeadLetter | None
    ) -> None:
        lane.in_flight -= 1
        lane.let_go(letter)
        self.offer(fresh)
        if lane.is_closed:
            return
        if dead is not None:
            with self._fence.around(lane.subscription.id):
                self._on_dead_letter(lane.subscription, dead)
        if isinstance(step, Retry):
            if step.due_seconds <= self._clock():
                lane.offer(letter._replace(attempt=step.attempt))
            else:
                self._wake_at(lane, step.due_seconds)
        self._go_on(lane)

    def _later(self, call: Callable[[], None]) -> None:
        """Do once more what the disk did not take."""
        if not self._is_stopped:
            self._loop.call_later(_DISK_SECONDS, call)

    def _follow_up(self, entry: Entry, letter: Letter, step: Step) -> list[Letter]:
        """Put what follows into the entry, and return it as letters."""
        now_seconds = self._clock()
        match step:
            case Enter(channel, event):
                takers = self._switchboard.takers(channel, event)
                return self.accept(entry, event, takers) if takers else []
            case Forward(event):
                return self._journal.add(
                    entry, event, [letter.subscription], due_seconds=now_seconds, stage=Stage.REPLY, origin=letter.event
                )
            case Hand(event):
                return self._journal.add(
                    entry, event, [letter.subscription], due_seconds=now_seconds, stage=Stage.DEAD_LETTER
                )
            case Retry(attempt, due_seconds):
                entry.postpone(letter, attempt, due_seconds)
                return []
            case Done() | Drop():
                return []


def _place(letter: Letter, subscription: Subscription) -> Place | str | None:
    if letter.stage is Stage.SUBSCRIBER:
        return subscription.subscriber
    return subscription.reply if letter.stage is Stage.REPLY else subscription.delivery.dead_letter


def _encoded(letter: Letter, subscription: Subscription) -> tuple[dict[str, str], bytes]:
    event, is_first = letter.event, letter.stage is Stage.SUBSCRIBER
    if is_first and subscription.is_broker:  # a Trigger's; a channel's dispatcher knows neither TTL nor format
        event = without_ttl(event)
        encode = encode_structured if subscription.delivery.format == "json" else encode_binary
    else:
        encode = encode_binary
    headers, body = encode(event)
    headers["kn-namespace"] = subscription.channel.split("/")[1]
    if is_first:
        headers["prefer"] = "reply"
    return headers, body


def _dead_letter(letter: Letter, subscription: Subscription, step: Step, now_seconds: float) -> DeadLetter | None:
    if not isinstance(step, Hand | Drop):
        return None
    event, sink = letter.origin or letter.event, subscription.delivery.dead_letter
    url = url_of(sink) if isinstance(step, Hand) and sink is not None else ""
    return DeadLetter(now_seconds, subscription.id, event.id, event.source, event.type, step.status, url)
