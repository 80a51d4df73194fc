"""What Knative Eventing refuses in where events go, and in how they get there.

From knative.dev/pkg/apis/duck/v1 and knative/eventing 1.22, pkg/apis/duck/v1, with the features as they are delivered.
"""

import ssl
from collections.abc import Iterator

from poorwill.errors import Fault
from poorwill.kinds import period, refusals, urls
from poorwill.kinds.eventing import Delivery, Destination, Reference


def destination_faults(destination: Destination, where: str) -> Iterator[Fault]:
    """Yield what is wrong with a destination."""
    ref, uri = f"{where}.ref", f"{where}.uri"
    try:
        url = urls.parse(destination.uri or "")
    except ValueError:
        yield refusals.unreadable(uri, "a URL")
        return
    if destination.ref is None and destination.uri is None:
        yield refusals.missing(ref, uri)
    elif destination.ref is not None and url.scheme:
        yield Fault(f"{ref}, {uri}", "a relative URL beside a reference", "an absolute one", "remove one of the two")
    elif destination.ref is None and not (url.scheme and url.host):
        yield refusals.unreadable(uri, "an absolute URL, where there is no reference")
    elif destination.ref is not None and destination.uri is None:
        yield from reference_faults(destination.ref, ref)
    elif destination.ca_certs is not None and not _is_certificate(destination.ca_certs):
        yield refusals.unreadable(f"{where}.CACerts", "a certificate in PEM")


def reference_faults(reference: Reference, where: str) -> Iterator[Fault]:
    """Yield what is wrong with a reference."""
    there = {"name": reference.name, "apiVersion": reference.api_version, "kind": reference.kind}
    for name, text in there.items():
        if not text:
            yield refusals.missing(f"{where}.{name}")


def delivery_faults(delivery: Delivery | None, where: str) -> Iterator[Fault]:
    """Yield what is wrong with how events are delivered."""
    if delivery is None:
        return
    if delivery.dead_letter_sink is not None:
        yield from destination_faults(delivery.dead_letter_sink, f"{where}.deadLetterSink")
    if delivery.retry is not None and not 0 <= delivery.retry < 2**31:
        yield refusals.outside(f"{where}.retry", 0, 2**31 - 1)
    if delivery.timeout is not None and not _seconds(delivery.timeout):
        yield refusals.unreadable(f"{where}.timeout", "a duration above 0 such as PT30S")
    if delivery.backoff_policy not in {None, "exponential", "linear"}:
        yield refusals.unreadable(f"{where}.backoffPolicy", "exponential or linear")
    if delivery.backoff_delay is not None and _seconds(delivery.backoff_delay) is None:
        yield refusals.unreadable(f"{where}.backoffDelay", "a duration such as PT0.2S")
    if delivery.format not in {None, "json", "binary"}:
        yield refusals.unreadable(f"{where}.format", "json or binary")
    if delivery.retry_after_max is not None:
        yield refusals.forbidden(f"{where}.retryAfterMax")


def _seconds(text: str) -> float | None:
    try:
        return period.seconds(text)
    except ValueError:
        return None


def _is_certificate(text: str) -> bool:
    """Return whether the first block of a text is a certificate."""
    _, begun, rest = text.partition("-----BEGIN ")
    try:
        der = ssl.PEM_cert_to_DER_cert((begun + rest).partition("-----END CERTIFICATE-----")[0] + ssl.PEM_FOOTER)
        ssl.create_default_context().load_verify_locations(cadata=der)
    except ValueError:  # an SSLError is one too
        return False
    return True
