"""The model under MLServer, as its documentation writes a custom runtime."""

from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse
from onnx_answer import load, run


class OnnxRuntime(MLModel):
    """One served model."""

    async def load(self) -> bool:
        """Load the model before the first request."""
        self.session = load()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Answer one infer request."""
        output = run(self.session, NumpyCodec.decode_input(payload.inputs[0]))
        return InferenceResponse(model_name=self.name, outputs=[NumpyCodec.encode_output("output", output)])
