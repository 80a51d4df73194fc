"""Objects of eventing as a user's manifests and the webhook's defaults make them."""

from tests.local.control.ground import NAMESPACE

BROKER_CONFIG = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "namespace": "knative-eventing",
    "name": "config-br-default-channel",
}


def reference(api_version, kind, name, **more):
    return {"ref": {"apiVersion": api_version, "kind": kind, "name": name, **more}}


def to_service(name):
    return reference("serving.knative.dev/v1", "Service", name)


def to_broker(name):
    return reference("eventing.knative.dev/v1", "Broker", name)


def broker(name="default", *, class_="MTChannelBasedBroker", config=BROKER_CONFIG, **spec):
    metadata = {
        "name": name,
        "namespace": NAMESPACE,
        "annotations": {"eventing.knative.dev/broker.class": class_},
    }
    return {
        "apiVersion": "eventing.knative.dev/v1",
        "kind": "Broker",
        "metadata": metadata,
        "spec": {"config": config, **spec},
    }


def trigger(name, subscriber, *, broker="default", annotations=None, **spec):
    metadata = {"name": name, "namespace": NAMESPACE, "annotations": annotations or {}}
    return {
        "apiVersion": "eventing.knative.dev/v1",
        "kind": "Trigger",
        "metadata": metadata,
        "spec": {"broker": broker, "subscriber": subscriber, **spec},
    }


def sequence(name, *steps, **spec):
    template = {"apiVersion": "messaging.knative.dev/v1", "kind": "InMemoryChannel"}
    return {
        "apiVersion": "flows.knative.dev/v1",
        "kind": "Sequence",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"steps": list(steps), "channelTemplate": template, **spec},
    }


def job_sink(name):
    container = {"name": "step", "image": "fake/step"}
    job = {"spec": {"template": {"spec": {"containers": [container], "restartPolicy": "Never"}}}}
    return {
        "apiVersion": "sinks.knative.dev/v1alpha1",
        "kind": "JobSink",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"job": job},
    }


def ping_source(name, sink, **spec):
    return {
        "apiVersion": "sources.knative.dev/v1",
        "kind": "PingSource",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"schedule": "* * * * *", "sink": sink, **spec},
    }
