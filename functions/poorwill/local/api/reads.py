"""Which objects a read is about, and lists in pages."""

import base64
from collections.abc import Mapping
from itertools import islice
from typing import NamedTuple

import msgspec

from poorwill.errors import PoorwillError
from poorwill.kinds.kind import Kind, Object
from poorwill.local.api.resources import Resource
from poorwill.local.api.selectors import Matcher, fields_match, labels_held, labels_match
from poorwill.local.api.status import StatusError, bad_request, expired
from poorwill.local.state import State


class Page(NamedTuple):
    """A part of a list, and what a List says beside its items."""

    objects: list[Object]
    metadata: Object


class _Mark(msgspec.Struct, frozen=True):
    """Where the next page begins: after an object, in a list that was begun at a version."""

    version: int
    namespace: str
    name: str


def selected(resource: Resource, name: str, query: Mapping[str, str]) -> Matcher:
    """Return which objects a list or a watch asks for."""
    labels = labels_match(query.get("labelSelector", ""))
    fields = fields_match(query.get("fieldSelector", ""), resource.fields)
    return lambda obj: (not name or obj["metadata"]["name"] == name) and labels(obj) and fields(obj)


def page(
    state: State, kind: Kind, namespace: str, matches: Matcher, query: Mapping[str, str], *, shallow: bool = False
) -> Page:
    """Return a list, or as much of it as `limit` asks for, from where `continue` says.

    Later pages are of now; the version told is the first page's: a watch from there tells what changed meanwhile.
    With `shallow` all but the objects' metadata stays JSON where it can: no field of it decides.
    """
    version = number(query, "resourceVersion")
    if version > state.version:
        causes = [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version", "field": ""}]
        raise StatusError(504, "Timeout", "Too large resource version", {"causes": causes, "retryAfterSeconds": 1})
    if query.get("resourceVersionMatch") == "Exact" and version != state.version:
        raise expired()
    mark = _read(query["continue"], state) if query.get("continue") else None
    after = (mark.namespace, mark.name) if mark else ("", "")
    holding = labels_held(query.get("labelSelector", ""))
    shallow = shallow and not query.get("fieldSelector")
    found = state.each(kind, namespace, after=after, holding=holding, shallow=shallow)
    limit, begun = number(query, "limit"), mark.version if mark else state.version
    selects = bool(query.get("labelSelector") or query.get("fieldSelector"))
    # how many remain is told only where nothing is selected, and need not be known else
    objects = list(islice(filter(matches, found), limit + 1 if limit and selects else None))
    if not limit or len(objects) <= limit:
        return Page(objects, {"resourceVersion": str(begun)})
    rest = {} if selects else {"remainingItemCount": len(objects) - limit}
    token = _token(_Mark(begun, *_place(objects[limit - 1])))
    return Page(objects[:limit], {"resourceVersion": str(begun), "continue": token, **rest})


def number(query: Mapping[str, str], name: str) -> int:
    """Return a query parameter that is a whole number; 0 where it is not given."""
    text = query.get(name, "") or "0"
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise bad_request(f"{name}: wanted a whole number from 0 on")
    return int(text)


def flag(query: Mapping[str, str], name: str) -> bool:
    """Return a query parameter that is true or false; false where it is not given."""
    text = query.get(name, "").lower()
    if text not in {"", "0", "1", "f", "t", "false", "true"}:
        raise bad_request(f"{name}: wanted true or false")
    return text in {"1", "t", "true"}


def _place(obj: Object) -> tuple[str, str]:
    return obj["metadata"].get("namespace", ""), obj["metadata"]["name"]


def _token(mark: _Mark) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(mark)).decode().rstrip("=")


def _read(token: str, state: State) -> _Mark:
    try:
        mark = msgspec.json.decode(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)), type=_Mark)
    except (ValueError, msgspec.MsgspecError):
        raise bad_request("invalid continue token") from None
    try:
        state.since(mark.version)
    except PoorwillError:
        raise expired() from None
    return mark
