"""Objects that tests send."""

import json

CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: colours, labels: {app: paint}}
data: {wall: white, door: green}
"""

SERVICE = """\
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: digits-v3, labels: {app: digits}}
spec:
  template:
    spec:
      containers:
        - image: ghcr.io/poorwill/serve:0.1.0
          env: [{name: POORWILL_MODEL, value: digits@3}]
"""

CONFIG_MAPS_PATH = "/api/v1/namespaces/default/configmaps"


def config_map(name="colours", **data):
    metadata = {"name": name, "namespace": "default"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def pod(name="digits-v3-00001-deployment-1", **status):
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default", "labels": {"serving.knative.dev/service": "digits-v3"}},
        "spec": {
            "containers": [{"name": "user-container", "image": "ghcr.io/poorwill/serve:0.1.0"}],
            "nodeName": "twin",
        },
        "status": {"phase": "Running", **status},
    }


def running(*, ready=True, restarts=0):
    state = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
    return {"name": "user-container", "ready": ready, "restartCount": restarts, "state": state}


def text(obj):
    return json.dumps(obj)
