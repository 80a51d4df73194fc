"""The model under Ray Serve, as its documentation writes a deployment; on one machine, without the dashboard."""

import os
import signal
from typing import Any

import ray
from onnx_answer import PORT, answered, load
from ray import serve
from ray.serve.schema import LoggingConfig
from starlette.requests import Request

SILENT = LoggingConfig(enable_access_log=False)


@serve.deployment(num_replicas=1, logging_config=SILENT)
class Model:
    """One served model."""

    def __init__(self) -> None:
        self.session = load()

    async def __call__(self, request: Request) -> dict[str, Any]:
        """Answer one infer request."""
        return answered(self.session, await request.json())


if __name__ == "__main__":
    ray.init(num_cpus=os.cpu_count(), include_dashboard=False, _node_ip_address="127.0.0.1")
    serve.start(http_options={"host": "127.0.0.1", "port": PORT}, logging_config=SILENT)
    serve.run(Model.bind(), route_prefix="/")
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
