"""The model under LitServe, as its documentation writes an API."""

from typing import Any

import litserve
from onnx_answer import PORT, answered, load


class Api(litserve.LitAPI):
    """One served model."""

    def setup(self, _device: str) -> None:
        """Load the model before the first request."""
        self.session = load()

    def predict(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer one infer request."""
        return answered(self.session, request)


if __name__ == "__main__":
    server = litserve.LitServer(Api(), accelerator="cpu", workers_per_device=1)
    server.run(host="127.0.0.1", port=PORT, generate_client_file=False, log_level="warning")
