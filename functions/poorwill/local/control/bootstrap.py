"""What a cluster with Knative has before anybody asks for anything: namespaces and configuration."""

from poorwill.kinds.kind import PLACEHOLDER, Key, Object, key_of
from poorwill.local.eventing.addresses import BROKER_INGRESS, JOB_INGRESS
from poorwill.local.eventing.addresses import SYSTEM as EVENTING
from poorwill.local.state import State

SERVING = "knative-serving"
"""Where Knative's own configuration is; Eventing's is in a namespace of its own."""

NAMESPACES = ("default", "kube-system", SERVING, EVENTING)

GRACE_PERIOD_SECONDS = 6.0
"""The least that Knative allows of its 30: the twin's path follows at once, so there is no network to wait for."""

_VERSIONS = {SERVING: "1.23.0", EVENTING: "1.22.0"}

# The twin's true values, those of Knative's where the twin acts like it; flags that it refuses are disabled here.
_AUTOSCALER = {
    "activator-capacity": "100",
    "allow-zero-initial-scale": "false",
    "container-concurrency-target-default": "100",
    "container-concurrency-target-percentage": "70",
    "enable-scale-to-zero": "true",
    "initial-scale": "1",
    "max-scale": "0",
    "max-scale-down-rate": "2.0",
    "max-scale-limit": "0",
    "max-scale-up-rate": "1000.0",
    "min-scale": "0",
    "panic-threshold-percentage": "200.0",
    "panic-window-percentage": "10.0",
    "pod-autoscaler-class": "kpa.autoscaling.knative.dev",
    "requests-per-second-target-default": "200",
    "scale-down-delay": "0s",
    "scale-to-zero-grace-period": f"{GRACE_PERIOD_SECONDS:g}s",
    "scale-to-zero-pod-retention-period": "0s",
    "stable-window": "60s",
    "target-burst-capacity": "211",
}
_DEFAULTS = {
    "allow-container-concurrency-zero": "true",
    "container-concurrency": "0",
    "container-concurrency-max-limit": "1000",
    "enable-service-links": "false",
    "max-revision-timeout-seconds": "600",
    "revision-timeout-seconds": "300",
}
_FEATURES = {
    "kubernetes.containerspec-addcapabilities": "disabled",
    "kubernetes.podspec-affinity": "disabled",
    "kubernetes.podspec-init-containers": "disabled",
    "kubernetes.podspec-nodeselector": "disabled",
    "kubernetes.podspec-persistent-volume-claim": "disabled",
    "kubernetes.podspec-runtimeclassname": "disabled",
    "kubernetes.podspec-schedulername": "disabled",
    "kubernetes.podspec-securitycontext": "disabled",
    "kubernetes.podspec-tolerations": "disabled",
    "kubernetes.podspec-volumes-emptydir": "enabled",
    "multi-container": "enabled",
    "tag-header-based-routing": "disabled",
}
_GC = {
    "max-non-active-revisions": "1000",
    "min-non-active-revisions": "20",
    "retain-since-create-time": "48h",
    "retain-since-last-active-time": "15h",
}
_NETWORK = {
    "auto-tls": "Disabled",
    "domain-template": "{{.Name}}.{{.Namespace}}.{{.Domain}}",
    "external-domain-tls": "Disabled",
    "http-protocol": "Enabled",
    "ingress-class": "twin.poorwill.dev",
    "rollout-duration": "0",
    "tag-template": "{{.Tag}}-{{.Name}}",
}

_BROKER_DEFAULTS = """\
clusterDefault:
  brokerClass: MTChannelBasedBroker
  apiVersion: v1
  kind: ConfigMap
  name: config-br-default-channel
  namespace: knative-eventing
  delivery:
    retry: 10
    backoffPolicy: exponential
    backoffDelay: PT0.2S
"""
_CHANNEL = "apiVersion: messaging.knative.dev/v1\nkind: InMemoryChannel\n"
_CHANNEL_DEFAULTS = "clusterDefault:\n  apiVersion: messaging.knative.dev/v1\n  kind: InMemoryChannel\n"
_EVENT_FEATURES = {
    "authentication-oidc": "disabled",
    "cross-namespace-event-links": "disabled",
    "default-authorization-mode": "allow-same-namespace",
    "delivery-retryafter": "disabled",
    "delivery-timeout": "enabled",
    "eventtype-auto-create": "disabled",
    "kreference-group": "disabled",
    "kreference-mapping": "disabled",
    "new-apiserversource-filters": "disabled",
    "transport-encryption": "disabled",
}


def objects(domain: str) -> tuple[Object, ...]:
    """Return what is there from the start; `domain` is what every external host ends in."""
    configuration = {
        "config-autoscaler": _AUTOSCALER,
        "config-defaults": _DEFAULTS,
        "config-domain": {domain: ""},
        "config-features": _FEATURES,
        "config-gc": _GC,
        "config-network": _NETWORK,
    }
    eventing = {
        "config-br-default-channel": {"channel-template-spec": _CHANNEL},
        "config-br-defaults": {"default-br-config": _BROKER_DEFAULTS},
        "config-features": _EVENT_FEATURES,
        "config-ping-defaults": {"data-max-size": "-1"},
        "default-ch-webhook": {"default-ch-config": _CHANNEL_DEFAULTS},
    }
    maps = ((SERVING, configuration), (EVENTING, eventing))
    made = (_config_map(namespace, name, data) for namespace, all_of in maps for name, data in all_of.items())
    services = (_service(EVENTING, name) for name in (BROKER_INGRESS, JOB_INGRESS))
    return (*map(_namespace, NAMESPACES), *made, *services)


def ensure(state: State, domain: str) -> None:
    """Make what is missing of it, and set the configuration to what the twin does."""
    for wanted in objects(domain):
        existing = state.get(key_of(wanted))
        if existing is None:
            state.create(wanted)
        elif existing.get("data") != wanted.get("data"):
            state.update({**existing, "data": wanted["data"]})


def is_ours(key: Key) -> bool:
    """Return whether an object is there from the start, and stays."""
    return any(key_of(obj) == key for obj in objects(""))


def _namespace(name: str) -> Object:
    metadata = {"name": name, "labels": {"kubernetes.io/metadata.name": name}}
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": metadata,
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    }


def _config_map(namespace: str, name: str, data: dict[str, str]) -> Object:
    version = {"app.kubernetes.io/name": namespace, "app.kubernetes.io/version": _VERSIONS[namespace]}
    metadata = {"name": name, "namespace": namespace, "labels": version}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def _service(namespace: str, name: str) -> Object:
    """Return what keeps a name of Eventing's own from Routes."""
    spec = {"ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 8080}]}
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": PLACEHOLDER.api_version, "kind": PLACEHOLDER.kind, "metadata": metadata, "spec": spec}
