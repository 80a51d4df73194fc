"""Evaluates policies in AWS's own order, in one account: an explicit deny, then an allow, else an implicit deny."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple


class Request(NamedTuple):
    """Who wants to do what to which resource; the context holds what conditions ask for, by key."""

    principal: str
    action: str
    resource: str
    context: Mapping[str, str] = {}


# by operator: whether a value of the policy's and the request's fit; a negated one also fits where there is no value
OPERATORS = {
    "StringEquals": lambda wanted, found: wanted == found,
    "Bool": lambda wanted, found: wanted == found,
    "NumericLessThan": lambda wanted, found: float(found) < float(wanted),
}


def decide(request: Request, identity: Iterable[Mapping[str, Any]], resource: Iterable[Mapping[str, Any]] = ()) -> str:
    """Return `allow`, `explicit deny` or `implicit deny`."""
    own = [it for document in identity for it in document["Statement"] if _applies(it, request)]
    others = [it for document in resource for it in document["Statement"] if _applies(it, request)]
    effects = {it["Effect"] for it in [*own, *(it for it in others if _names(it["Principal"], request.principal))]}
    order = {"Deny": "explicit deny", "Allow": "allow"}
    return next((order[it] for it in order if it in effects), "implicit deny")


def _names(principal: Any, wanted: str) -> bool:
    """Tell whether a resource's policy names the principal itself; the root of the account only lets roles decide."""
    return principal == "*" or any(it in {"*", wanted} for kind in principal.values() for it in _listed(kind))


def _applies(statement: Mapping[str, Any], request: Request) -> bool:
    return (
        any(_like(it.lower(), request.action.lower()) for it in _listed(statement["Action"]))
        and any(_like(it, request.resource) for it in _listed(statement.get("Resource", "*")))
        and all(_holds(*it, request.context) for it in statement.get("Condition", {}).items())
    )


def _holds(operator: str, keys: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    if operator == "Null":
        return all((key not in context) == (wanted == "true") for key, wanted in keys.items())
    fits = OPERATORS[operator.replace("Not", "")]
    met = (key in context and any(fits(it, context[key]) for it in _listed(wanted)) for key, wanted in keys.items())
    return not any(met) if "Not" in operator else all(met)


def _like(pattern: str, found: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), found) is not None


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
