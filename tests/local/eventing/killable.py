"""A process that takes and delivers events until it is killed: killable.py FOLDER LISTENING-FD GATEWAY-PORT."""

import asyncio
import socket
import sys
from pathlib import Path

from poorwill.local.eventing.event_filter import EVERYTHING, Exact
from poorwill.local.eventing.eventing import Eventing
from poorwill.local.eventing.subscription import Channels, Delivery, Place, Subscription

HOST, PATH, CHANNEL = "broker-ingress.knative-eventing.svc.cluster.local", "/default/orders", "broker/default/orders/u"
TAKER, LISTENER = Place("taker.default.svc.cluster.local", "/"), Place("listener.default.svc.cluster.local", "/")


def taking(name, wanted, place, reply):
    delivery = Delivery(1000, "linear", 0.01)
    return Subscription(name, CHANNEL, Exact({"type": wanted}) if wanted else EVERYTHING, place, reply, True, delivery)


async def main(folder, listening_fd, gateway_port):
    eventing = Eventing(Path(folder) / "events.sqlite", lambda: ("127.0.0.1", int(gateway_port)))
    subscriptions = taking("t1", "asked", TAKER, CHANNEL), taking("t2", "answered", LISTENER, None)
    eventing.follow(Channels({(HOST, PATH): CHANNEL}, subscriptions))
    await eventing.start(socket.socket(fileno=int(listening_fd)))
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
