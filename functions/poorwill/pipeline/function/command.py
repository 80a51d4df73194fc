"""A function of a pipeline without a carrier: for an event in a file, and as the Job that a JobSink makes."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from poorwill.client.transport import Transport
from poorwill.errors import Fault, PoorwillError, UnavailableError, UsageError
from poorwill.events.codec import STRUCTURED, decode, encode_binary, encode_structured
from poorwill.events.event import Event
from poorwill.pipeline.function.handling import open_handle
from poorwill.settings import Settings

EVENT_PATH = "K_EVENT_PATH"
"""Where Knative's JobSink says that the folder with its event is."""
_EVENT_FILE = "event"
_STDIN = "-"
_WAIT_SECONDS = 3600.0  # a Job's own activeDeadlineSeconds ends it sooner
SEND_TIMEOUT_SECONDS = 600.0
"""As long as the Broker delivers: on channels in memory it answers once its subscribers have, and theirs in turn."""
_SEND_AGAIN_SECONDS = 60.0
_PATIENCE_SECONDS, _LONGEST_PAUSE_SECONDS = 600.0, 30.0


def run_command(name: str, environment: Mapping[str, str], arguments: Sequence[str]) -> int:
    """Do what the event in a file asks for and print the reply; return the exit code.

    Without a file, the event is a Job's, and its reply goes to the Broker. A step that failed is an answer, too: its
    reply says so, and the exit code is 0.

    Args:
        name: of the function.
        environment: with its settings, and a Job's variables.
        arguments: the file with the event in CloudEvents' JSON format, - for standard input; none for a Job.
    """
    try:
        send = _printed if arguments else _to_broker
        event = _event(name, environment, arguments)
        opened = open_handle(name, environment, wait_seconds=_WAIT_SECONDS)
        if arguments:
            reply = opened.handle(event, _said)
        else:
            reply = patiently(lambda: opened.handle(event, lambda line: opened.log.line("INFO", line)))
        if reply:
            send(opened.settings)(reply)
    except PoorwillError as error:
        sys.stderr.write(f"{error.title}\n{error}\n")
        return error.exit_code
    return 0


def patiently(work: Callable[[], Event | None], sleep: Callable[[float], None] = time.sleep) -> Event | None:
    """Return what the work leads to, tried again while its store is away: nobody delivers a Job's event again."""
    waited_seconds = 0.0
    while True:
        try:
            return work()
        except UnavailableError as error:
            pause_seconds = min(max(error.retry_after_seconds, waited_seconds / 2, 1.0), _LONGEST_PAUSE_SECONDS)
            waited_seconds += pause_seconds
            if waited_seconds > _PATIENCE_SECONDS:
                raise
        sleep(pause_seconds)


def _event(name: str, environment: Mapping[str, str], arguments: Sequence[str]) -> Event:
    if len(arguments) > 1 or not (arguments or environment.get(EVENT_PATH)):
        advice = f"name the file with the event, - for standard input; {EVENT_PATH} is a Job's"
        raise UsageError(Fault(f"functions/{name}/main.py", "one file", "none, or several", advice))
    file = Path(arguments[0] if arguments else environment[EVENT_PATH]) / ("" if arguments else _EVENT_FILE)
    try:
        body = sys.stdin.buffer.read() if arguments and arguments[0] == _STDIN else file.read_bytes()
    except OSError:
        raise UsageError(Fault("event", "a file", "none that can be read", "check the path")) from None
    _, (event,) = decode({"content-type": STRUCTURED}, body)
    return event


def _said(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _printed(_: Settings) -> Callable[[Event], None]:
    def write(reply: Event) -> None:
        sys.stdout.write(encode_structured(reply)[1].decode() + "\n")

    return write


def _to_broker(settings: Settings) -> Callable[[Event], None]:
    """Return what sends an event; its id follows from the Job's event, so that a second time changes nothing."""

    def send(reply: Event) -> None:
        parts = urlsplit(settings.broker_url)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            advice = "POORWILL_BROKER_URL=http://broker-ingress.knative-eventing.svc.cluster.local/NAMESPACE/BROKER"
            raise UsageError(Fault("--broker-url (POORWILL_BROKER_URL)", "a Broker's URL", "another text", advice))
        place = f"http://{settings.gateway}" if settings.gateway else f"{parts.scheme}://{parts.netloc}"
        transport = Transport(
            place,
            timeout_seconds=SEND_TIMEOUT_SECONDS,
            wait_seconds=_SEND_AGAIN_SECONDS,
            host=parts.netloc if settings.gateway else "",
        )
        headers, body = encode_binary(reply)
        answer = transport.send("POST", parts.path or "/", headers=headers, body=body)
        if not 200 <= answer.status < 300:
            found, advice = f"HTTP {answer.status}", "look at the Broker: `kubectl get brokers`"
            raise UnavailableError(Fault("Broker", "202, accepted", found, advice))

    return send
