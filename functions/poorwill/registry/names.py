"""Which names a model and an alias may have, so that every Knative object and host made from them is free and fits.

knative.md's names: the version service `<model>-v<n>` with revisions `<model>-v<n>-00001`, the route `<model>`, and
tag hosts `v<n>-<model>` and `<alias>-<model>`; each is one DNS label of at most 63 characters.
"""

import re

from poorwill.errors import Fault, PoorwillError, UsageError
from poorwill.registry.records import VersionName

LONGEST_MODEL = 40  # leaves 23 for -v<n>-00001 (n to 15 digits), and for an alias before it
LONGEST_ALIAS = 22

_LABEL = re.compile(r"[a-z](?:[a-z0-9-]*[a-z0-9])?")
_TAKEN = (
    (re.compile(r".*-v[0-9]+"), "one that ends like a version service, -v<number>"),
    (re.compile(r".*-[0-9]{5}"), "one that ends like a revision, -<5 digits>"),
    (re.compile(r"v[0-9]+-.*"), "one that begins like a tag's host, v<number>-"),
)
_NUMBER = re.compile(r"[1-9][0-9]{0,14}")


def check_model_name(name: str) -> str:
    """Return the name; raise UsageError where Knative can't have it."""
    fault = _label_fault("model name", name, LONGEST_MODEL)
    for pattern, found in _TAKEN:
        if fault is None and pattern.fullmatch(name):
            fault = Fault("model name", "a name that no version, revision or tag has", found, "choose another")
    if fault:
        raise UsageError(fault)
    return name


def check_alias(alias: str) -> str:
    """Return the alias; raise UsageError where it can't be a tag, or looks like a version's number."""
    fault = _label_fault("alias", alias, LONGEST_ALIAS)
    if fault is None and re.fullmatch(r"v[0-9]+", alias):
        fault = Fault("alias", "a word", "one that reads like a number, v<number>", "choose one such as champion")
    if fault:
        raise UsageError(fault)
    return alias


def parse_version_name(text: str) -> VersionName:
    """Return what `digits@3` or `digits@champion` names.

    Raises:
        UsageError: with every fault of the text.
    """
    model, separator, rest = text.partition("@")
    faults: list[Fault] = []
    try:
        check_model_name(model)
    except PoorwillError as error:
        faults += error.faults
    number = int(rest) if _NUMBER.fullmatch(rest) else None
    if not separator:
        advice = "add @ and a number or an alias; `poorwill versions` lists them"
        faults.append(Fault("version name", "name@number or name@alias", "no @", advice))
    elif number is None:
        try:
            check_alias(rest)
        except PoorwillError as error:
            faults += error.faults
    if faults:
        raise UsageError(*faults)
    return VersionName(model, number, None if number else rest)


def _label_fault(where: str, name: str, longest: int) -> Fault | None:
    wanted = f"a DNS label of at most {longest} characters"
    advice = "begin with a letter; then lower-case letters, digits and '-'"
    if len(name) > longest:
        return Fault(where, wanted, f"{len(name)} characters", "choose a shorter one")
    if not _LABEL.fullmatch(name):
        return Fault(where, wanted, "something else" if name else "nothing", advice)
    return None
