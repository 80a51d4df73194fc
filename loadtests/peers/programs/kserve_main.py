"""The model under KServe, as its documentation writes a custom predictor."""

import logging

from kserve import InferOutput, InferRequest, InferResponse, Model, ModelServer, model_server
from kserve.protocol.rest.server import RESTServer
from kserve.utils.utils import generate_uuid
from onnx_answer import NAME, PORT, load, run


class Predictor(Model):
    """One served model."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.load()

    def load(self) -> bool:
        """Load the model before the first request."""
        self.session = load()
        self.ready = True
        return self.ready

    async def predict(self, payload: InferRequest, _headers: object = None, **_: object) -> InferResponse:
        """Answer one infer request."""
        output = run(self.session, payload.inputs[0].as_numpy())
        tensor = InferOutput(name="output", shape=list(output.shape), datatype="FP32")
        tensor.set_data_from_numpy(output, binary_data=False)
        return InferResponse(response_id=payload.id or generate_uuid(), model_name=self.name, infer_outputs=[tensor])


class OnLoopback(RESTServer):
    """KServe's own server, which listens on every address and has no option for another."""

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)
        self.config.host = "127.0.0.1"


if __name__ == "__main__":
    model_server.RESTServer = OnLoopback
    server = ModelServer(http_port=PORT, enable_grpc=False, enable_latency_logging=False)
    for name in ("uvicorn.access", "kserve.trace"):  # three lines a request cost it a share, so it has none
        logging.getLogger(name).setLevel(logging.WARNING)
    server.start([Predictor(NAME)])
