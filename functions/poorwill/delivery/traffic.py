"""Shares of a model's traffic: as people write them, as a Route's spec has them, and what a change makes of them."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from poorwill.delivery.manifests import service_name
from poorwill.errors import ConflictError, Fault, UsageError
from poorwill.kinds.kind import Object

_SHARE = re.compile(r"v(?P<version>[1-9][0-9]{0,14})=(?P<percent>[0-9]{1,3})", re.ASCII)
_ADVICE = "write v<number>=<percent> for each version, such as v2=90 v3=10"


class Share(NamedTuple):
    """What one version gets of a model's traffic."""

    version: int
    percent: int

    @property
    def tag(self) -> str:
        """Return the tag that gives the version its own URL under the model's name."""
        return f"v{self.version}"


class Split(NamedTuple):
    """All shares, by version; those of 0 % keep their tag."""

    shares: tuple[Share, ...]

    def __str__(self) -> str:
        """Return it as people write it, `v2=90 v3=10`."""
        return " ".join(f"{share.tag}={share.percent}" for share in self.shares)

    @property
    def versions(self) -> frozenset[int]:
        """Return the versions that it names."""
        return frozenset(share.version for share in self.shares)

    def percent(self, version: int) -> int:
        """Return what a version gets; 0 where it is not named."""
        return next((share.percent for share in self.shares if share.version == version), 0)

    def by_tag(self) -> dict[str, int]:
        """Return percents by tag."""
        return {share.tag: share.percent for share in self.shares}

    def without(self, version: int) -> "Split":
        """Return it without one version."""
        return Split(tuple(share for share in self.shares if share.version != version))


class Change(NamedTuple):
    """What becomes of a split."""

    split: Split
    dropped: tuple[int, ...] = ()
    """Versions of 0 % that have gone, or can't serve: one of them would hold back the whole Route."""


def all_to(version: int) -> Split:
    """Return the split of a model that has one version."""
    return Split((Share(version, 100),))


def parse_split(words: Iterable[str]) -> Split:
    """Return what `v2=90 v3=10` means.

    Raises:
        UsageError: with every fault of the words.
    """
    shares: dict[int, Share] = {}
    faults = []
    for number, word in enumerate(words, 1):
        match = _SHARE.fullmatch(word)
        if not match:
            faults.append(Fault(f"split, word {number}", "v<number>=<percent>", "something else", _ADVICE))
            continue
        share = Share(int(match["version"]), int(match["percent"]))
        if share.percent > 100:
            faults.append(Fault(f"split, {share.tag}", "0 to 100 percent", f"{share.percent}", _ADVICE))
        if share.version in shares:
            faults.append(Fault(f"split, {share.tag}", "each version once", "it twice", "leave one of them"))
        shares[share.version] = share
    total_percent = sum(share.percent for share in shares.values())
    if not faults and total_percent != 100:
        found = f"{total_percent}" if shares else "none"
        faults.append(Fault("split", "percents that sum to 100", found, _ADVICE))
    if faults:
        raise UsageError(*faults)
    return Split(tuple(shares[version] for version in sorted(shares)))


def joined(now: Split, version: int, percent: int) -> Split:
    """Return the shares that are asked for when a version is to have so much: its own, and of others those with some.

    The others give or take in proportion, and the largest the odd ones. One of 0 % is not asked for: it may be dead,
    and would have every later version refused. A model's only version gets all.

    Raises:
        ConflictError: no other version has traffic, so that it is not said who gets the rest.
    """
    others = now.without(version).shares
    if not others:
        return all_to(version)
    total, rest = sum(share.percent for share in others), 100 - percent
    if rest and not total:
        advice = "say all shares with `poorwill split`"
        raise ConflictError(Fault(f"v{version}={percent}", "other versions with traffic", "none", advice))
    given = {share.version: share.percent * rest // (total or 1) for share in others}
    largest = max(others, key=lambda share: share.percent).version
    given[largest] += rest - sum(given.values())
    given = {each: share for each, share in given.items() if share} | {version: percent}
    return Split(tuple(Share(each, given[each]) for each in sorted(given)))


def split_of(model: str, traffic: Iterable[Object]) -> Split:
    """Return the split that a Route's traffic is, a pinned revision taken for its version.

    Raises:
        ConflictError: a target that is no version of the model.
    """
    percents: dict[int, int] = {}
    for at, target in enumerate(traffic):
        version = target_version(model, target)
        if version is None:
            advice = "take it out with `kubectl edit`; poorwill moves traffic between versions only"
            fault = Fault(f"spec.traffic[{at}]", f"a version of {model}", "another target", advice)
            raise ConflictError(fault)
        percents[version] = percents.get(version, 0) + (target.get("percent") or 0)
    return Split(tuple(Share(version, percents[version]) for version in sorted(percents)))


def target_version(model: str, target: Object) -> int | None:
    """Return the version of a model that a target of traffic means, None for another."""
    name = target.get("configurationName") or target.get("revisionName") or ""
    match = re.fullmatch(rf"{re.escape(model)}-v([1-9][0-9]*)(?:-[0-9]{{5,}})?", name, re.ASCII)
    return int(match[1]) if match else None


def traffic_of(model: str, split: Split) -> list[Object]:
    """Return a split as a Route's spec has it: each version by its Configuration, tagged."""
    return [
        {
            "tag": share.tag,
            "configurationName": service_name(model, share.version),
            "latestRevision": True,
            "percent": share.percent,
        }
        for share in split.shares
    ]


def changed(now: Split, wanted: Split, servable: Mapping[int, bool]) -> Change:
    """Return what becomes of a split: those that are not named go to 0 and keep their tag, if they can serve.

    Args:
        now: the split as it is.
        wanted: the shares that are asked for; they sum to 100.
        servable: by version, of all that have a Service, whether a Route may name them.
    """
    kept = {share.version for share in now.shares if servable.get(share.version)}
    dropped = tuple(sorted(now.versions - wanted.versions - kept))
    versions = sorted(wanted.versions | kept)
    return Change(Split(tuple(Share(version, wanted.percent(version)) for version in versions)), dropped)
