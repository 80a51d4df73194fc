"""Has eventing follow the objects: what they come to, the times that they name, and what did not arrive."""

import asyncio
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from poorwill.kinds.kind import PING_SOURCE, Key, key_of, kind_of
from poorwill.local.control import events
from poorwill.local.control.destinations import Scene
from poorwill.local.control.plan import Note
from poorwill.local.eventing.addresses import BROKER_INGRESS, SYSTEM
from poorwill.local.eventing.eventing import Eventing
from poorwill.local.eventing.ingress import Elsewhere
from poorwill.local.eventing.letter import DeadLetter
from poorwill.local.eventing.outgoing import Address
from poorwill.local.eventing.pings import Pings
from poorwill.local.eventing.subscription import Channels, Subscription
from poorwill.local.eventing.subscriptions import KINDS, Sources, channels
from poorwill.local.path.table import names_inside
from poorwill.local.revision import Endpoint
from poorwill.local.state import Change, State

_INGRESS_HOSTS = names_inside(BROKER_INGRESS, SYSTEM)
_COMPONENT = "dispatcher"


class Follower:
    """Eventing as the objects of a state want it.

    Args:
        state: whose objects are followed; an event that did not arrive is told of in it.
        journal: the file of events that are not delivered yet.
        domain: what the external hosts of Routes end in.
        gateway: returns where all events go.
        elsewhere: answers for hosts that are no channels.
        changed: called when `hosts` are others; must not block.
    """

    def __init__(
        self,
        state: State,
        journal: Path,
        *,
        domain: str,
        gateway: Callable[[], Address],
        elsewhere: Elsewhere,
        changed: Callable[[], None],
    ) -> None:
        self._state = state
        self._scene = Scene(state.get, domain)
        self._changed = changed
        self._eventing = Eventing(journal, gateway, on_dead_letter=self._lost, elsewhere=elsewhere)
        self._pings = Pings(self._eventing.accept)
        self._makers: dict[str, Key] = {}
        self._listening = socket.socket()
        self._listening.bind(("127.0.0.1", 0))
        self._hosts = _hosts(self._table())
        self._is_stale = True  # until it starts
        self._unsubscribe = state.subscribe(self._heard)

    def hosts(self) -> frozenset[str]:
        """Return the hosts of Brokers and channels, that of all Brokers also where there is none."""
        return self._hosts

    def endpoint(self) -> Endpoint:
        """Return where events are taken."""
        return Endpoint(*self._listening.getsockname()[:2])

    async def start(self) -> None:
        """Take events and deliver them, earlier twins' too: the data path has to lead to subscribers by now."""
        self._follow()
        await self._eventing.start(self._listening)

    async def stop(self) -> None:
        """Take no more events, and send none; what is under way is sent again by the next twin."""
        self._unsubscribe()
        await self._pings.stop()
        await self._eventing.stop()

    def _heard(self, change: Change) -> None:
        if kind_of(change.object) in KINDS and not self._is_stale:
            self._is_stale = True
            asyncio.get_running_loop().call_soon(self._follow)

    def _follow(self) -> None:
        self._is_stale = False
        table = self._table()
        self._eventing.follow(table)
        self._pings.follow(self._state.list(PING_SOURCE))
        hosts = _hosts(table)
        if hosts != self._hosts:
            self._hosts = hosts
            self._changed()

    def _table(self) -> Channels:
        lists = {kind: self._state.list(kind) for kind in KINDS}
        self._makers = {obj["metadata"]["uid"]: key_of(obj) for listed in lists.values() for obj in listed}
        brokers, triggers, sequences, ping_sources = (lists[kind] for kind in KINDS)
        return channels(Sources(brokers, triggers, sequences, ping_sources, self._scene))

    def _lost(self, subscription: Subscription, dead: DeadLetter) -> None:
        """Tell of an event that did not arrive, at the object that wanted it."""
        key = self._makers.get(subscription.id.partition("/")[0])
        obj = self._state.get(key) if key else None
        if obj is None:
            return
        end = f"it went to {dead.sink}" if dead.sink else "it was dropped: there is no dead letter sink"
        words = f"An event did not arrive at {subscription.subscriber.host} (HTTP {dead.status}); {end}"
        note = Note("Warning", "DeliveryFailed", words)
        events.record(self._state, obj, note, component=_COMPONENT, now=datetime.now(UTC))


def _hosts(table: Channels) -> frozenset[str]:
    return frozenset(_INGRESS_HOSTS).union(host for host, _ in table.addresses)
