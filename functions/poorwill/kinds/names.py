"""Which names can live beside each other in one namespace, and how long a host's name may get.

Each Route makes a placeholder Service of its own name and one per tag, `{tag}-{name}`; each Revision makes `{revision}`
and `{revision}-private`. Knative finds a collision only later, as NotOwned; here it is found before a thing is written.
From knative/serving 1.23.0: pkg/reconciler/route/{reconcile_resources,domains}, pkg/reconciler/revision.
"""

import re
from collections.abc import Iterable, Iterator

from poorwill.errors import Fault
from poorwill.kinds.kind import CONFIGURATION, REVISION, ROUTE, SERVICE, Kind, Object, kind_of

LONGEST_LABEL = 63
"""Characters: of a host's label, and of a Service's name."""
LONGEST_HOST = 253
"""Characters of a whole host name."""
_LABEL = re.compile(r"[a-z](?:[a-z0-9-]*[a-z0-9])?", re.ASCII)
_REVISION_NUMBER = re.compile(r"-\d{5,}$", re.ASCII)


def host(name: str, namespace: str, domain: str, tag: str = "") -> str:
    """Return the host of a Route or of one of its tags, by Knative's default templates."""
    return f"{f'{tag}-{name}' if tag else name}.{namespace}.{domain}"


def collisions(kind: Kind, name: str, tags: Iterable[str], taken: Iterable[Object]) -> tuple[Fault, ...]:
    """Return why an object can't be called so beside those that are there; also where a host gets too long.

    Args:
        kind: SERVICE, ROUTE or CONFIGURATION.
        name: of the object.
        tags: of its traffic.
        taken: the namespace's Services, Configurations, Routes and Revisions; the object itself may be among them.
    """
    tags = tuple(tags)
    faults = list(_too_long(name, tags))
    makes = {made: _where(kind, name, made, tags) for made in _made(kind, name, tags)}
    for other in taken:
        other_kind, other_name = kind_of(other), other["metadata"]["name"]
        if (other_kind, other_name) == (kind, name) or _belongs(other, kind, name):
            continue
        faults += _with_one(makes, other, tags=_tags(other))
        if kind in {SERVICE, CONFIGURATION} and other_kind == ROUTE and _is_revision_of(other_name, name):
            faults.append(
                _fault("metadata.name", "a name whose revisions are called like no Route", "a Route of that name")
            )
        if kind == ROUTE and other_kind in {SERVICE, CONFIGURATION} and _is_revision_of(name, other_name):
            faults.append(_fault("metadata.name", "a name that no revision gets", "the name of a version's revision"))
    return tuple(dict.fromkeys(faults))


def rivals(kind: Kind, name: str, tags: Iterable[str] = (), *, generation: int = 1) -> tuple[tuple[Kind, str], ...]:
    """Return which Services and Routes `collisions` could find in the way, so that no others need to be read.

    Args:
        kind: SERVICE or ROUTE.
        name: of the object.
        tags: of its traffic.
        generation: of a Service, once it is written: its next revision is numbered so.
    """
    held = [made for sort, made in _made(kind, name, tuple(tags)) if sort == "placeholder"]
    # whoever has a tag makes `{tag}-{name}`: any part of a name after a dash may be such a one
    names = [part for each in held for part in _ends(each) if _LABEL.fullmatch(part)]
    found = [(other, part) for part in names for other in (SERVICE, ROUTE)]
    if kind == SERVICE:
        found.append((ROUTE, f"{name}-{generation:05}"))
    elif revision := _REVISION_NUMBER.search(name):
        found.append((SERVICE, name[: revision.start()]))
    return tuple(dict.fromkeys(each for each in found if each != (kind, name)))


def _ends(name: str) -> Iterator[str]:
    """Yield a name, and what stands behind each of its dashes."""
    yield name
    yield from (name[at + 1 :] for at, letter in enumerate(name) if letter == "-")


def _made(kind: Kind, name: str, tags: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield what an object of this kind makes: sorts of things and their names."""
    if kind in {SERVICE, ROUTE}:
        yield "placeholder", name
        yield "route", name
        yield from (("placeholder", f"{tag}-{name}") for tag in tags)
    if kind in {SERVICE, CONFIGURATION}:
        yield "configuration", name
    if kind == REVISION:
        yield from (("placeholder", name), ("placeholder", f"{name}-private"))


def _where(kind: Kind, name: str, made: tuple[str, str], tags: tuple[str, ...]) -> str:
    if made[0] == "placeholder" and made[1] != name and kind != REVISION:
        index = next(at for at, tag in enumerate(tags) if f"{tag}-{name}" == made[1])
        return f"spec.traffic[{index}].tag"
    return "metadata.name"


def _with_one(makes: dict[tuple[str, str], str], other: Object, *, tags: tuple[str, ...]) -> Iterator[Fault]:
    kind, name = kind_of(other), other["metadata"]["name"]
    for made in _made(kind, name, tags):
        if made in makes:
            yield _fault(
                makes[made], "a name that nothing else in the namespace makes", f"a {kind.kind} that makes it too"
            )


def _belongs(other: Object, kind: Kind, name: str) -> bool:
    """Return whether an object was made by the one that is asked about, or by one that it made."""
    labels = other["metadata"].get("labels") or {}
    label = "serving.knative.dev/service" if kind == SERVICE else "serving.knative.dev/configuration"
    return kind in {SERVICE, CONFIGURATION} and labels.get(label) == name


def _tags(obj: Object) -> tuple[str, ...]:
    traffic = (obj.get("spec") or {}).get("traffic") or ()
    return tuple(target["tag"] for target in traffic if target.get("tag"))


def _is_revision_of(name: str, configuration: str) -> bool:
    return name.startswith(f"{configuration}-") and _REVISION_NUMBER.fullmatch(name[len(configuration) :]) is not None


def _too_long(name: str, tags: tuple[str, ...]) -> Iterator[Fault]:
    wanted = f"at most {LONGEST_LABEL} characters, a host's label"
    if len(name) > LONGEST_LABEL:
        yield Fault("metadata.name", wanted, f"{len(name)} characters", "choose a shorter name")
    for at, tag in enumerate(tags):
        if len(name) <= LONGEST_LABEL < len(f"{tag}-{name}"):
            found = f"{len(tag) + 1 + len(name)} characters with the name behind it"
            yield Fault(f"spec.traffic[{at}].tag", wanted, found, "choose a shorter tag or name")


def _fault(where: str, wanted: str, found: str) -> Fault:
    return Fault(where, wanted, found, "choose another name, or delete what has it")
