"""Takes events for JobSinks: each becomes a Job, the same one however often it comes (cmd/jobsink of Eventing 1.22)."""

import copy
import hashlib
from base64 import b64encode
from collections.abc import Awaitable

from poorwill.errors import (
    Fault,
    InvalidRequestError,
    PoorwillError,
    RefusedError,
    TooLargeError,
)
from poorwill.events.codec import Mode, decode, encode_structured
from poorwill.events.event import Event
from poorwill.kinds import admission
from poorwill.kinds.kind import JOB, JOB_SINK, SECRET, Key, Object, key_of
from poorwill.kinds.objects import is_true
from poorwill.local.control.job import COMPLETE, FAILED
from poorwill.local.control.job_sink import ID_LABEL, NAME_LABEL
from poorwill.local.control.labels import child_name
from poorwill.local.eventing.addresses import JOB_INGRESS, SYSTEM
from poorwill.local.jobs.job_plan import EVENT_PATH, EVENT_VOLUME
from poorwill.local.path.table import bare_host, names_inside
from poorwill.local.state import State
from poorwill.serving.message import Answer, Request
from poorwill.serving.protocol.problem import problem

HOSTS = names_inside(JOB_INGRESS, SYSTEM)

_USER = f"system:serviceaccount:{SYSTEM}:{JOB_INGRESS}"
_MOUNTED_AT = "/etc/jobsink-event"
_MODE, _BATCH = "K_EXECUTION_MODE", "batch"
_SENT_TO, _ASKED_AT = 3, 9  # parts of /<namespace>/<name>, and of what a Location names
# upstream writes the resource's name in the place of the kind's, so no cluster deletes these Jobs with their JobSink
_OWNER_KIND = "jobsinks"


class JobSinks:
    """Answers for the Service job-sink; the Jobs that it makes are run as any other."""

    def __init__(self, state: State) -> None:
        self._state = state

    def answer(self, request: Request) -> Awaitable[Answer] | None:
        """Return the answer to a request; None where its host is another's."""
        if bare_host(request.headers.get("host", "")) not in HOSTS:
            return None
        return self._answered(request)

    async def _answered(self, request: Request) -> Answer:
        parts = request.path.removesuffix("/").split("/")
        try:
            if request.method == "GET":
                return self._told(parts)
            if request.method != "POST" or len(parts) != _SENT_TO:
                raise _refusal("request", "an event by POST to /<namespace>/<name>", "another")
            job_sink = self._job_sink(parts[1], parts[2])
            return self._taken(job_sink, _event(request))
        except PoorwillError as error:
            return problem(error, request.headers.get("x-request-id", ""))

    def _taken(self, job_sink: Object, event: Event) -> Answer:
        """Make the Job of an event and then its Secret, where they are not there."""
        namespace, name = job_sink["metadata"]["namespace"], job_sink["metadata"]["name"]
        wanted = job_of(job_sink, event)
        key = key_of(wanted)
        job = self._state.get(key)
        try:
            secret = admission.admit(secret_of(job or wanted, job_sink, event), user=_USER)
            if job is None:
                job = self._state.create(admission.admit(wanted, user=_USER))
        except RefusedError as error:
            too_large = Fault("event", "one that a Job and a Secret can be made of", "another", "send less, or see why")
            raise TooLargeError(too_large, *error.faults) from None
        secret["metadata"]["ownerReferences"] = [_made_by(job)]
        if self._state.get(key._replace(kind=SECRET)) is None:  # also where a twin was killed between the two
            self._state.create(secret)
        location = f"/namespaces/{namespace}/name/{name}/sources/{event.source}/ids/{event.id}"
        return Answer(202, content_type="", headers=(("location", location),))

    def _told(self, parts: list[str]) -> Answer:
        """Say how the Job of an event is."""
        if len(parts) != _ASKED_AT:
            raise _refusal("path", "what a Location of ours names", "another")
        _, _, namespace, _, name, _, source, _, id_ = parts
        job = self._state.get(Key(JOB, namespace, job_name(self._job_sink(namespace, name), source, id_)))
        if job is None:
            return Answer(500, content_type="")
        for condition, status in ((FAILED, 400), (COMPLETE, 200)):
            if is_true(job, condition):
                return Answer(status, content_type="", headers=(("reason", condition),))
        return Answer(202, content_type="", headers=(("location", "/".join(parts)),))

    def _job_sink(self, namespace: str, name: str) -> Object:
        found = self._state.get(Key(JOB_SINK, namespace, name))
        if found is None:
            raise _refusal("path", "that of a JobSink", "another")
        return found


def job_name(job_sink: Object, source: str, id_: str) -> str:
    """Return the name of an event's Job."""
    hashed = hashlib.md5(f"{source}{id_}".encode(), usedforsecurity=False).hexdigest()
    return child_name(f"{job_sink['metadata']['name']}-", hashed)


def job_of(job_sink: Object, event: Event) -> Object:
    """Return the Job that an event becomes."""
    metadata, job = job_sink["metadata"], copy.deepcopy(job_sink["spec"]["job"])
    name = job_name(job_sink, event.source, event.id)
    given = job.get("metadata") or {}
    owner = {
        "apiVersion": job_sink["apiVersion"],
        "kind": _OWNER_KIND,
        "name": metadata["name"],
        "uid": metadata["uid"],
        "controller": True,
        "blockOwnerDeletion": False,
    }
    pod = job["spec"]["template"]["spec"]
    for container in pod["containers"]:
        _mount(container)
    volumes = [volume for volume in pod.get("volumes") or () if volume["name"] == EVENT_VOLUME]
    if not volumes:
        pod["volumes"] = [*(pod.get("volumes") or ()), {"name": EVENT_VOLUME, "secret": {"secretName": name}}]
    return {
        "apiVersion": JOB.api_version,
        "kind": JOB.kind,
        "metadata": {
            **given,
            "name": name,
            "namespace": metadata["namespace"],
            "labels": {**(given.get("labels") or {}), **_labels(job_sink, name)},
            "ownerReferences": [*(given.get("ownerReferences") or ()), owner],
        },
        "spec": job["spec"],
    }


def secret_of(job: Object, job_sink: Object, event: Event) -> Object:
    """Return the Secret that holds an event for its Job."""
    name = job["metadata"]["name"]
    return {
        "apiVersion": SECRET.api_version,
        "kind": SECRET.kind,
        "metadata": {
            "name": name,
            "namespace": job["metadata"]["namespace"],
            "labels": _labels(job_sink, name),
        },
        "immutable": True,
        "data": {"event": b64encode(encode_structured(event)[1]).decode()},
        "type": "Opaque",
    }


def _labels(job_sink: Object, name: str) -> dict[str, str]:
    return {ID_LABEL: name, NAME_LABEL: job_sink["metadata"]["name"]}


def _mount(container: Object) -> None:
    """Have a container of the copy find the event, and say that it runs for one."""
    mounts = container.setdefault("volumeMounts", [])
    paths = [mount["mountPath"] for mount in mounts if mount["name"] == EVENT_VOLUME]
    if not paths:
        mounts.append({"name": EVENT_VOLUME, "readOnly": True, "mountPath": _MOUNTED_AT})
    variables = container.setdefault("env", [])
    if all(variable["name"] != _MODE for variable in variables):
        variables.append({"name": _MODE, "value": _BATCH})
    variables.append({"name": EVENT_PATH, "value": (paths or [_MOUNTED_AT])[0]})


def _made_by(job: Object) -> Object:
    metadata = job["metadata"]
    return {
        "apiVersion": JOB.api_version,
        "kind": JOB.kind,
        "name": metadata["name"],
        "uid": metadata["uid"],
        "controller": True,
        "blockOwnerDeletion": False,
    }


def _event(request: Request) -> Event:
    try:
        mode, events = decode(request.headers, bytes(request.body))
    except PoorwillError as error:
        raise InvalidRequestError(*error.faults) from None
    if mode is Mode.BATCH:
        raise _refusal("content-type", "one event", "a batch")
    return events[0]


def _refusal(where: str, wanted: str, found: str) -> InvalidRequestError:
    return InvalidRequestError(Fault(where, wanted, found, "see status.address.url of the JobSink"))
