"""The model under FastAPI, as its documentation writes a typed endpoint with a lifespan."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from onnx_answer import NAME, answer, load
from pydantic import BaseModel


class Tensor(BaseModel):
    """One tensor in JSON's form."""

    name: str
    datatype: str
    shape: list[int]
    data: list[float]


class InferRequest(BaseModel):
    """What is asked."""

    inputs: list[Tensor]


class InferResponse(BaseModel):
    """What is answered."""

    model_name: str
    outputs: list[Tensor]


@asynccontextmanager
async def lifespan(served: FastAPI) -> AsyncIterator[None]:
    """Load the model before the first request."""
    served.state.session = load()
    yield


app = FastAPI(lifespan=lifespan)


@app.post(f"/v2/models/{NAME}/infer")
async def infer(request: InferRequest) -> InferResponse:
    """Answer one infer request; no thread, as a light model is not worth its hand-over."""
    tensor = request.inputs[0]
    output = answer(app.state.session, tensor.shape, tensor.data)
    return InferResponse(model_name=NAME, outputs=[Tensor(**output)])
