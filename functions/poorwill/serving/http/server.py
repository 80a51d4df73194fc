"""The HTTP/1.1 server that carries a predictor: one process, one loop, and threads for heavy requests alone."""

import errno
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from math import inf
from typing import Any

from poorwill.errors import Fault, UsageError
from poorwill.serving.http.application import Application, Call, Refusal
from poorwill.serving.http.exchange import Exchange
from poorwill.serving.http.poll import READ, poller
from poorwill.serving.http.sender import Sender
from poorwill.settings import Settings

_BACKLOG = 1024
_ACCEPTS_AT_ONCE = 256  # then those that are in get their turn
_SWEEP_SECONDS = (0.02, 1.0)  # shortest and longest time between two looks at deadlines
_LAST_REQUEST_SECONDS = 0.5  # for a request on its way into an idle connection that is about to close
_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_STOP = b"\xff"  # on the wake-up socket, beside zeros from threads and signal numbers from the interpreter
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_WAKEUP = 0  # stands for the wake-up descriptor among signal numbers


def serve(
    application: Application,
    *,
    settings: Settings,
    metrics: Call | None,
    on_ready: Callable[[str, int, int], None],
    refusal: Refusal | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then let what has begun end, and return.

    Args:
        application: what answers.
        settings: where to listen, and every limit.
        metrics: what answers on the metrics port, if there is one.
        refusal: tells who is not let in, if not all are.
        on_ready: called once with host, port and metrics port (-1 for none), as soon as requests are taken.

    Raises:
        UsageError: an address that can't be had.
    """
    server = Server(application, settings=settings, metrics=metrics, refusal=refusal)
    server.run(lambda: on_ready(server.host, server.port, server.metrics_port))


class Server:
    """A server that listens as soon as it is made, and answers while `run` runs.

    Raises:
        UsageError: an address that can't be had.
    """

    def __init__(
        self,
        application: Application,
        *,
        settings: Settings,
        metrics: Call | None = None,
        refusal: Refusal | None = None,
    ) -> None:
        self._application = application
        self._settings = settings
        self._listener = _listen(settings.host, settings.port, "--port")
        self._listeners = {self._listener.fileno(): self._listener}
        self.host: str
        self.port: int
        self.host, self.port = self._listener.getsockname()[:2]
        self.metrics_port = -1
        if settings.metrics_port >= 0:
            listener = _listen(settings.host, settings.metrics_port, "--metrics-port")
            self._listeners[listener.fileno()] = listener
            self.metrics_port = listener.getsockname()[1]
        self._woken, self._waker = socket.socketpair()
        self._woken.setblocking(False)
        self._waker.setblocking(False)
        self._wake_sent = False
        self._poller = poller()
        self._sender = Sender(application, settings, self._poller)
        self._exchange = Exchange(
            application, metrics, settings=settings, sender=self._sender, wake=self._wake, refusal=refusal
        )
        self._paused = False  # no descriptor was left for one more connection
        self._end = inf  # when what is still open is given up
        soonest = min(settings.receive_timeout_seconds, settings.idle_timeout_seconds) / 4
        self._sweep_seconds = max(_SWEEP_SECONDS[0], min(_SWEEP_SECONDS[1], soonest))

    def run(self, on_ready: Callable[[], None] = lambda: None) -> None:
        """Answer until told to stop: by `stop` or, in the main thread, by SIGTERM or SIGINT.

        Args:
            on_ready: called when a signal would no longer lose a request.
        """
        previous = self._catch_signals()
        try:
            self._poller.register(self._woken.fileno(), READ)
            for fd in self._listeners:
                self._poller.register(fd, READ)
            on_ready()
            self._loop()
        finally:
            self._close()
            _restore_signals(previous)

    def stop(self) -> None:
        """Have `run` return when what has begun has ended; called again, at once. From any thread."""
        with suppress(OSError):
            self._waker.send(_STOP)

    def _loop(self) -> None:
        exchange, sender, connections = self._exchange, self._sender, self._sender.connections
        next_sweep = next_date = 0.0
        while True:
            events = self._poller.poll(self._sweep_seconds if connections or self._paused else -1)
            now = sender.tick()
            if now >= next_date:
                sender.encoder.tick()
                next_date = now + 1
            others = []
            for fd, event in events:
                connection = connections.get(fd)
                if connection is None:  # after the connections: a descriptor that they free may be taken at once
                    others.append(fd)
                    continue
                try:
                    if event == READ or not connection.rest:
                        exchange.readable(connection)
                    else:
                        exchange.writable(connection)
                except Exception:  # noqa: BLE001 - whatever went wrong, it is this connection's end and no other's
                    sender.close(connection, abort=True)
            exchange.answer_ready()
            for fd in others:
                self._turn(fd)
            if now >= next_sweep:
                next_sweep = now + self._sweep_seconds
                exchange.expire()
                self._pause(paused=False)
            if now >= self._end or (self._end < inf and not connections):
                return

    def _turn(self, fd: int) -> None:
        if fd == self._woken.fileno():
            self._awake()
        elif fd in self._listeners:
            self._accept(self._listeners[fd], _ACCEPTS_AT_ONCE)

    def _accept(self, listener: socket.socket, at_most: int) -> None:
        for _ in range(at_most):
            try:
                client, _address = listener.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    self._pause(paused=True)
                    return
                continue  # this one left before its turn
            try:
                self._exchange.open(client, for_metrics=listener is not self._listener)
            except Exception:  # noqa: BLE001 - likewise
                client.close()

    def _pause(self, *, paused: bool) -> None:
        """Leave connections in the backlog until the next sweep, for without a descriptor epoll would spin."""
        if paused != self._paused:
            self._paused = paused
            for fd in self._listeners:
                self._poller.modify(fd, 0 if paused else READ)

    def _wake(self) -> None:
        """Have the loop look at what threads have done; called by them."""
        if not self._wake_sent:
            self._wake_sent = True
            with suppress(OSError):  # full: it will wake anyway
                self._waker.send(b"\0")

    def _awake(self) -> None:
        said = self._woken.recv(4096)
        self._wake_sent = False  # before looking, so that what is done after the look wakes anew
        self._exchange.finish()
        for _ in range(len(said) - said.count(b"\0")):
            self._stop()

    def _stop(self) -> None:
        """Take what waits to be accepted, accept no more, and leave the rest grace to end."""
        if self._end < inf:
            self._end = 0.0
            return
        for number in _SIGNALS:
            with suppress(ValueError):  # not the main thread
                signal.signal(number, signal.SIG_DFL)  # a second one ends the process, whatever it is doing
        with suppress(Exception):
            self._application.stopping()
        self._end = self._sender.now + self._settings.grace_seconds
        self._accept(self._listener, _BACKLOG)
        del self._listeners[self._listener.fileno()]
        self._poller.unregister(self._listener.fileno())
        self._listener.close()
        self._exchange.leave(_LAST_REQUEST_SECONDS)
        self._sweep_seconds = _SWEEP_SECONDS[0]

    def _catch_signals(self) -> dict[int, Any]:
        try:
            previous: dict[int, Any] = {number: signal.signal(number, _noticed) for number in _SIGNALS}
        except ValueError:  # not the main thread
            return {}
        previous[_WAKEUP] = signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        return previous

    def _close(self) -> None:
        for connection in list(self._sender.connections.values()):
            self._sender.close(connection)
        for opened in (*self._listeners.values(), self._woken, self._waker):
            opened.close()
        self._poller.close()


def _noticed(_number: int, _frame: object) -> None:
    """Do nothing: the interpreter has written the number to the wake-up socket."""


def _restore_signals(previous: dict[int, Any]) -> None:
    if previous:
        signal.set_wakeup_fd(previous.pop(_WAKEUP))
    for number, handler in previous.items():
        signal.signal(number, signal.SIG_DFL if handler is None else handler)


def _listen(host: str, port: int, name: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        fault = Fault(f"--host with {name}", "an address of this machine that is free", "another", "or leave both out")
        if error.errno == errno.EADDRINUSE:
            advice = f"stop what listens there, or take another with {name}"
            fault = Fault(name, "a port that is free", f"{port}, which is taken", advice)
        raise UsageError(fault) from None
    listener.setblocking(False)
    # accepted sockets inherit it; an answer is one write, so there is nothing to gather
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
