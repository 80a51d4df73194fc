"""What is looked into, and told, while an object is waited for."""

from poorwill.delivery import waiting
from poorwill.delivery.waiting import End, await_ready
from poorwill.kinds.kind import SERVICE


def service(status):
    ready = {"type": "Ready", "status": status, "reason": "Deploying", "message": "on its way"}
    return {"metadata": {"generation": 1}, "status": {"observedGeneration": 1, "conditions": [ready]}}


class Followed:
    """A cluster whose object was seen so, one look after the other."""

    def __init__(self, *statuses):
        self.looks = [service(status) for status in statuses]

    def follow(self, kind, name, *, timeout_seconds):
        yield from self.looks


def wait(cluster):
    told, looked = [], []

    def hopeless(obj):
        looked.append(obj)
        return "it was looked into", False

    waited = await_ready(cluster, SERVICE, "a", timeout_seconds=9, progress=told.append, hopeless=hopeless)
    return waited.end, told, len(looked)


def test_what_is_ready_within_a_beat_is_not_asked_why_it_is_not(monkeypatch):
    monkeypatch.setattr(waiting, "BEAT_SECONDS", 60)

    assert wait(Followed("Unknown", "Unknown", "True")) == (End.READY, ["Service a: ready"], 0)


def test_what_takes_longer_is_looked_into_and_told_once_for_each_change(monkeypatch):
    monkeypatch.setattr(waiting, "BEAT_SECONDS", 0)

    assert wait(Followed("Unknown", "Unknown", "True")) == (
        End.READY,
        ["Service a: it was looked into", "Service a: ready"],
        2,
    )
