"""What a caller may ask about itself. Whoever has the token may do everything that is served, and nothing else."""

from poorwill.kinds.kind import Object
from poorwill.local.api.resources import RESOURCES, REVIEWS, Review
from poorwill.local.api.status import bad_request


def reviewed(review: Review, sent: Object, user: str) -> Object:
    """Return a question with its answer."""
    if (sent.get("apiVersion"), sent.get("kind")) != (review.api_version, review.kind):
        raise bad_request(f"wanted apiVersion {review.api_version}, kind {review.kind}")
    spec = sent.get("spec") or {}
    if not isinstance(spec, dict):
        raise bad_request("spec: wanted an object")
    return {
        "kind": review.kind,
        "apiVersion": review.api_version,
        "metadata": {},
        "spec": spec,
        "status": _status(review, spec, user),
    }


def _status(review: Review, spec: Object, user: str) -> Object:
    if review.kind == "SelfSubjectAccessReview":
        return _access(spec)
    if review.kind == "SelfSubjectRulesReview":
        return _rules()
    return {"userInfo": {"username": user, "groups": ["system:authenticated"]}}


def _access(spec: Object) -> Object:
    asked = spec.get("resourceAttributes")
    if not isinstance(asked, dict):
        return {"allowed": True, "reason": "paths that are no resources are open to whoever has the token"}
    if any(_covers(asked, *place) for place in _places()):
        return {"allowed": True, "reason": "whoever has the token may do all that the twin serves"}
    return {"allowed": False, "reason": "the twin does not serve that"}


def _covers(asked: Object, group: str, plural: str, verbs: tuple[str, ...]) -> bool:
    resource = asked.get("resource", "")
    if asked.get("subresource"):
        resource = f"{resource}/{asked['subresource']}"
    return (
        asked.get("group", "") in (group, "*")
        and resource in (plural, "*")
        and (asked.get("verb", "") in verbs or asked.get("verb") == "*")
    )


def _places() -> list[tuple[str, str, tuple[str, ...]]]:
    places = [(found.kind.group, found.kind.plural, found.verbs) for found in RESOURCES]
    places += [
        (found.kind.group, f"{found.kind.plural}/{each.name}", each.verbs)
        for found in RESOURCES
        for each in found.subresources
    ]
    return places + [(found.group, found.plural, ("create",)) for found in REVIEWS]


def _rules() -> Object:
    rules = [{"verbs": list(verbs), "apiGroups": [group], "resources": [plural]} for group, plural, verbs in _places()]
    return {
        "resourceRules": rules,
        "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["*"]}],
        "incomplete": False,
    }
