"""A client of served models: predict, send an event, ask what a model takes."""

from poorwill.client.client import Client
from poorwill.client.tensor import Prediction, Tensor

__all__ = ["Client", "Prediction", "Tensor"]
