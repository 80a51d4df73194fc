"""Which channel an address is, and which subscriptions take an event from it."""

from collections import defaultdict
from enum import Enum, auto

from poorwill.events.event import Event
from poorwill.local.eventing.event_filter import Judge, Verdict, judge
from poorwill.local.eventing.subscription import Channels

_BROKER_PARTS = 3  # of a path such as /default/orders


class Nowhere(Enum):
    """Why an address is no channel."""

    UNKNOWN = auto()
    MALFORMED = auto()  # it can't be the address of one, whatever there is


class Switchboard:
    """The table of channels, made ready to be asked."""

    def __init__(self) -> None:
        self.follow(Channels())

    def follow(self, channels: Channels) -> None:
        """Go by this table from now on."""
        self._addresses = dict(channels.addresses)
        self._rooted = {host for host, path in self._addresses if path == "/"}
        self._channels = frozenset(self._addresses.values()) | {one.channel for one in channels.subscriptions}
        self._takers: defaultdict[str, list[tuple[str, Judge]]] = defaultdict(list)
        for subscription in channels.subscriptions:
            self._takers[subscription.channel].append((subscription.id, judge(subscription.matches)))

    def has(self, channel: str) -> bool:
        """Return whether there is such a channel."""
        return channel in self._channels

    def find(self, host: str, path: str) -> str | Nowhere:
        """Return the channel at an address, or why there is none, as Knative's Broker and channel ingresses judge."""
        name = host.partition(":")[0].lower()
        channel = self._addresses.get((name, path.removesuffix("/") or "/"))
        if channel is not None:
            return channel
        if name in self._rooted:
            return Nowhere.MALFORMED
        parts = path.removesuffix("/").split("/")
        return Nowhere.UNKNOWN if path == "/" or len(parts) == _BROKER_PARTS else Nowhere.MALFORMED

    def takers(self, channel: str, event: Event) -> list[str]:
        """Return the ids of the subscriptions that take an event from a channel."""
        takers = self._takers.get(channel, ())
        return [name for name, judged in takers if judged(event) is not Verdict.FAIL]

    def url(self, channel: str) -> str:
        """Return where events enter a channel, by its longest host; empty where none do."""
        places = [address for address, there in self._addresses.items() if there == channel]
        host, path = max(places, key=lambda address: len(address[0]), default=("", ""))
        return f"http://{host}" + ("" if path == "/" else path) if host else ""
