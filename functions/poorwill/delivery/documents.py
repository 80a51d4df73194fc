"""What commands and the deploy function say in JSON; nothing is imported here that a command would wait for."""

from typing import Any


def deployed_document(done: Any) -> dict[str, Any]:
    """Return a Deployed."""
    return {**done._asdict(), "traffic": done.traffic.by_tag()}


def changed_document(done: Any) -> dict[str, Any]:
    """Return a Changed."""
    return {
        "model": done.model,
        "from": done.before.by_tag() if done.before else {},
        "to": done.after.by_tag(),
        "dropped": done.dropped,
        "changed": done.changed,
        "dry_run": done.dry_run,
        "url": done.url,
        "urls": done.urls,
    }


def status_document(namespace: str, models: Any) -> dict[str, Any]:
    """Return what is deployed in a namespace."""
    found = [model._asdict() | {"versions": [version._asdict() for version in model.versions]} for model in models]
    return {"namespace": namespace, "models": found}
